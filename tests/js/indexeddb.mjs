// IndexedDB in memory: as much of it as pwa/static/js/store.js and pwa/worker/domain_migration.js ask for.
const copy = (value) => (value === undefined ? undefined : structuredClone(value));

class Store {
  constructor({ keyPath, autoIncrement } = {}) {
    Object.assign(this, { keyPath, autoIncrement, rows: new Map(), last: 0 });
  }
  put(value, key) {
    const row = copy(value);
    if (this.keyPath) key = row[this.keyPath] ??= ++this.last;
    this.rows.set(key, row);
    return { result: key };
  }
  get(key) {
    const asked = { result: copy(this.rows.get(key)) };
    queueMicrotask(() => asked.onsuccess?.({ target: asked }));
    return asked;
  }
  getAll() { return { result: [...this.rows].sort(([one], [other]) => one - other).map(([, row]) => copy(row)) }; }
  delete(key) { this.rows.delete(key); return {}; }
  count() { return { result: this.rows.size }; }
  clear() { this.rows.clear(); return {}; }
}

const bases = new Map();

globalThis.indexedDB = {
  open(name) {
    const asked = {};
    queueMicrotask(() => {
      const isNew = !bases.has(name);
      if (isNew) bases.set(name, new Map());
      const stores = bases.get(name);
      asked.result = {
        createObjectStore: (store, options) => stores.set(store, new Store(options)),
        transaction: (store) => {
          const change = { objectStore: () => stores.get(store) };
          // After what is asked in it has succeeded.
          setImmediate(() => change.oncomplete());
          return change;
        },
        close() {},
      };
      if (isNew) asked.onupgradeneeded();
      asked.onsuccess();
    });
    return asked;
  },
};

/** As on a new device. */
export const clearDevice = () => bases.clear();
