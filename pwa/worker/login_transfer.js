// A key of this device, of which only the public half leaves it: it signs the member in at the network's new address.
import { readState, writeState } from "../static/js/store.js";
import { P256, askHere, beaconOf, messageOf, movesTo, newNonce, textOfBytes } from "./domain_migration.js";

const SETTLED_MS = 600000;

// At launch, and now and then: the network is asked what it says of itself, and told this device's key.
export async function settle(account, told) {
  const before = await readState("settled");
  if (before && before.told === told && before.account === account && Date.now() - before.at < SETTLED_MS) return;
  const said = await askHere();
  if (!said) return;
  if (account !== "0") await keepDevice(account, said.device);
  if (await readState("me") === account) await writeState("settled", { account, told, at: Date.now() });
}

async function keepDevice(account, known) {
  const mine = await readState("device");
  if (mine && mine.account === account && mine.id === known?.id) return;
  const pair = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const key = textOfBytes(await crypto.subtle.exportKey("raw", pair.publicKey));
  const headers = { "Content-Type": "application/json", "X-Act": "1", "X-Account": account };
  const answer = await fetch("/move/device", { method: "POST", headers, body: JSON.stringify({ key }) });
  if (!answer.ok) throw new Error(`device ${answer.status}`);
  const { id, session } = await answer.json();
  if (await readState("me") === account) await writeState("device", { id, session, account, key: pair.privateKey });
}

// For the page that leads there: where it is, and whether this device can sign its member in, or a code that does.
export async function answerMove(question, port) {
  const to = await movesTo();
  const device = to && await readState("device");
  const mine = Boolean(device) && device.account === await readState("me");
  port.postMessage(question === "code" && mine ? { to, code: await codeFor(to, device) } : { to, known: mine });
}

async function codeFor(to, device) {
  const { network } = await beaconOf("keys");
  const text = JSON.stringify({ v: 1, network, device: device.id, session: device.session, to, at: Date.now(), nonce: newNonce() });
  const signature = await crypto.subtle.sign(P256, device.key, messageOf("arrive", text));
  return `${textOfBytes(new TextEncoder().encode(text))}.${textOfBytes(signature)}`;
}
