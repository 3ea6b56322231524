// The tree of the public log (RFC 6962, section 2.1), from its tiles: that a tree continues an earlier one.
const TILE_WIDTH = 256;

const joinBytes = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const nodeHash = (left, right) => sha256(joinBytes([1], left, right));
export const sameBytes = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const half = (number) => Math.floor(number / 2);

// The largest power of two below a width of at least 2.
function splitOf(width) {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

// The address of a tile in a log of this size, as c2sp.org/tlog-tiles has it.
export function tilePath(level, number, size) {
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - number * TILE_WIDTH);
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g);
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${place}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

// MTH(D[begin:end]) of a range that section 2.1 names. `hashesOf(level, number)` gives the hashes of a tile.
async function rangeHash(begin, end, hashesOf) {
  const width = end - begin;
  const split = width > 1 ? splitOf(width) : 0;
  if (width === 1 || split * 2 === width) return perfectHash(begin, width, hashesOf);
  return nodeHash(await rangeHash(begin, begin + split, hashesOf), await rangeHash(begin + split, end, hashesOf));
}

// Of a range whose length is a power of two, at a multiple of it.
async function perfectHash(begin, width, hashesOf) {
  let level = 0;
  let [first, count] = [begin, width];
  for (; count >= TILE_WIDTH; level++) [first, count] = [first / TILE_WIDTH, count / TILE_WIDTH];
  const place = first % TILE_WIDTH;
  let hashes = (await hashesOf(level, Math.floor(first / TILE_WIDTH))).slice(place, place + count);
  if (hashes.length !== count) throw new Error("a tile is too short");
  while (hashes.length > 1) {
    const above = [];
    for (let at = 0; at < hashes.length; at += 2) above.push(await nodeHash(hashes[at], hashes[at + 1]));
    hashes = above;
  }
  return hashes[0];
}

// PROOF(old, D[size]) of section 2.1.2, for 0 < old < size.
export async function consistencyProof(old, size, hashesOf) {
  let [begin, end] = [0, size];
  const path = [];
  while (old < end) {
    const split = begin + splitOf(end - begin);
    if (old <= split) { path.push(await rangeHash(split, end, hashesOf)); end = split; }
    else { path.push(await rangeHash(begin, split, hashesOf)); begin = split; }
  }
  if (begin) path.push(await rangeHash(begin, end, hashesOf));
  return path.reverse();
}

// Whether that proves that the tree continues the old one, by their roots (RFC 9162, section 2.1.4.2).
export async function provesConsistency(proof, old, oldRoot, size, root) {
  const isPerfect = Number.isInteger(Math.log2(old));
  const [first, ...rest] = isPerfect ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  let [at, last] = [old - 1, size - 1];
  while (at % 2) [at, last] = [half(at), half(last)];
  let [before, now] = [first, first];
  for (const other of rest) {
    if (last === 0) return false;
    if (at % 2 || at === last) {
      [before, now] = [await nodeHash(other, before), await nodeHash(other, now)];
      while (at % 2 === 0 && at) [at, last] = [half(at), half(last)];
    } else now = await nodeHash(now, other);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameBytes(before, oldRoot) && sameBytes(now, root);
}
