// As much of a browser as the scripts under test ask for. Import this before them.

class Storage {
  constructor() { Object.defineProperty(this, "limit", { value: Infinity, writable: true }); }
  getItem(name) { return Object.hasOwn(this, name) ? this[name] : null; }
  setItem(name, value) {
    if (String(value).length > this.limit) throw new DOMException("full", "QuotaExceededError");
    this[name] = String(value);
  }
  removeItem(name) { delete this[name]; }
  clear() { for (const name of Object.keys(this)) delete this[name]; }
}

const WORDS = { now: "now", minutes: "# min", hours: "# h", days: "# d", over: "Too long by #", left: "# characters left" };

const page = Object.assign(new EventTarget(), {
  documentElement: { dataset: { me: "7" }, lang: "en" },
  readyState: "loading",
  hidden: false,
  title: "Home",
  getElementById: () => Object.assign(new EventTarget(), { dataset: WORDS }),
  querySelector: () => null,
  querySelectorAll: () => [],
});
const window = new EventTarget();

/** What the scripts see as their globals, to be changed by a test. */
export const globals = {
  document: page,
  location: new URL("https://tilly.example/"),
  localStorage: new Storage(),
  sessionStorage: new Storage(),
  self: globalThis,
  matchMedia: () => ({ matches: false }),
  navigator: {},
  IntersectionObserver: class { observe() {} },
  setInterval: () => 0,
  addEventListener: window.addEventListener.bind(window),
  removeEventListener: window.removeEventListener.bind(window),
  dispatchEvent: window.dispatchEvent.bind(window),
};
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
// It would keep the process.
globalThis.BroadcastChannel = class extends EventTarget { postMessage() {} };

/** Answers requests in the place of a server: `answer(url, options)` gives a Response, or throws without a connection. */
export function serve(answer) {
  const asked = [];
  globalThis.fetch = async (url, options = {}) => {
    asked.push({ url, ...options });
    return answer(url, options);
  };
  return asked;
}

export const json = (value, status = 200, headers = {}) => new Response(JSON.stringify(value), { status, headers });
