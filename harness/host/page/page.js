// The counterpart of harness/host/main.py in a page: import, build, then answer until the requests end.
// Every message starts with ALIGN bytes: nonce, kind, length of the layout, and the page's own milliseconds.

import { decode, encode } from "/codec.js";
import {
  ALIGN, IMPORT, BUILD, QUERY, BATCH, UPDATE, DONE, ANSWER, ERROR, NONCE_AT, KIND_AT, LAYOUT_AT, MILLISECONDS_AT,
} from "/protocol.js";

let build = null;
let model = null;

function invalid(text) {
  return Object.assign(new TypeError(text), { invalid: true });
}

async function load({ url }) {
  ({ build } = await import(url));
  if (typeof build !== "function") throw invalid("the submission exports no function build(context)");
}

async function make(context) {
  model = await build(context);
  if (typeof model !== "function") throw invalid("build(context) gave no function predict(x)");
}

async function teach(x, y) {
  if (typeof model.update !== "function") throw invalid("this task teaches, and the model has no method update(x, y)");
  await model.update(x, y);
}

async function answerAll(xs) {
  const answers = model.batch ? await model.batch(xs) : await Promise.all(xs.map((x) => model(x)));
  if (answers.length !== xs.length) throw invalid(`model.batch gave ${answers.length} answers to ${xs.length} queries`);
  return answers;
}

async function respond(kind, layoutLength, message) {
  const json = () => JSON.parse(new TextDecoder().decode(new Uint8Array(message, ALIGN)));
  const items = () => decode(message, ALIGN, layoutLength);
  if (kind === IMPORT) await load(json());
  else if (kind === BUILD) await make(json());
  else if (kind === UPDATE) await teach(...items());
  else if (kind === QUERY) return encode([await model(items()[0])], ALIGN);
  else if (kind === BATCH) return encode(await answerAll(items()), ALIGN);
  return null;
}

function described(error) {
  const line = /\/submission\/([^?:)]+):(\d+)/.exec(error?.stack ?? "");
  const report = {
    type: error?.name ?? typeof error,
    text: String(error?.message ?? error).slice(0, 500),
    where: line ? ` (${line[1]}, line ${line[2]})` : "",
    invalid: Boolean(error?.invalid) || error instanceof SyntaxError,
  };
  const text = new TextEncoder().encode(JSON.stringify(report));
  const bytes = new Uint8Array(ALIGN + text.length);
  bytes.set(text, ALIGN);
  return bytes.buffer;
}

const socket = new WebSocket(`ws://${location.host}/wire`);
socket.binaryType = "arraybuffer";

socket.onmessage = async ({ data }) => {
  const asked = new DataView(data);
  const nonce = asked.getBigUint64(NONCE_AT, true);
  const started = performance.now();
  let kind = DONE, layoutLength = 0, buffer = new ArrayBuffer(ALIGN);
  try {
    const answer = await respond(asked.getUint32(KIND_AT, true), asked.getUint32(LAYOUT_AT, true), data);
    if (answer) ({ buffer, layoutLength } = answer), (kind = ANSWER);
  } catch (error) {
    console.error(error?.stack ?? String(error));
    kind = ERROR;
    buffer = described(error);
  }
  const header = new DataView(buffer);
  header.setBigUint64(NONCE_AT, nonce, true);
  header.setUint32(KIND_AT, kind, true);
  header.setUint32(LAYOUT_AT, layoutLength, true);
  header.setFloat64(MILLISECONDS_AT, performance.now() - started, true);
  socket.send(buffer);
};

for (const level of ["log", "info", "warn", "error"]) {
  const shown = console[level].bind(console);
  console[level] = (...what) => {
    shown(...what);
    if (socket.readyState === WebSocket.OPEN) socket.send(what.map(String).join(" ").slice(0, 4000));
  };
}
