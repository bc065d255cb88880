// What harness/host/main.py is for Python: import, build, then answer until the requests end.
// Every message starts with 64 bytes: nonce, kind, length of the layout, and the page's own milliseconds.

import { decode, encode } from "/codec.js";

const IMPORT = 1, BUILD = 2, QUERY = 3, BATCH = 4, UPDATE = 5;
const DONE = 16, ANSWER = 17, ERROR = 18;
const HEADER = 64;

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

async function answerAll(xs) {
  const answers = model.batch ? await model.batch(xs) : await Promise.all(xs.map((x) => model(x)));
  if (answers.length !== xs.length) throw invalid(`model.batch gave ${answers.length} answers to ${xs.length} queries`);
  return answers;
}

async function respond(kind, layoutLength, message) {
  const json = () => JSON.parse(new TextDecoder().decode(new Uint8Array(message, HEADER)));
  const items = () => decode(message, HEADER, layoutLength);
  if (kind === IMPORT) await load(json());
  else if (kind === BUILD) await make(json());
  else if (kind === UPDATE) await model.update(...items());
  else if (kind === QUERY) return encode([await model(items()[0])], HEADER);
  else if (kind === BATCH) return encode(await answerAll(items()), HEADER);
  return null;
}

function described(error) {
  const line = /\/submission\/([^?:)]+):(\d+)/.exec(error?.stack ?? "");
  const told = {
    type: error?.name ?? typeof error,
    text: String(error?.message ?? error).slice(0, 500),
    where: line ? ` (${line[1]}, line ${line[2]})` : "",
    invalid: Boolean(error?.invalid) || error instanceof SyntaxError,
  };
  const text = new TextEncoder().encode(JSON.stringify(told));
  const bytes = new Uint8Array(HEADER + text.length);
  bytes.set(text, HEADER);
  return bytes.buffer;
}

const socket = new WebSocket(`ws://${location.host}/wire`);
socket.binaryType = "arraybuffer";

socket.onmessage = async ({ data }) => {
  const asked = new DataView(data);
  const nonce = asked.getBigUint64(0, true);
  const started = performance.now();
  let kind = DONE, layoutLength = 0, buffer = new ArrayBuffer(HEADER);
  try {
    const answer = await respond(asked.getUint32(8, true), asked.getUint32(12, true), data);
    if (answer) ({ buffer, layoutLength } = answer), (kind = ANSWER);
  } catch (error) {
    console.error(error?.stack ?? String(error));
    kind = ERROR;
    buffer = described(error);
  }
  const header = new DataView(buffer);
  header.setBigUint64(0, nonce, true);
  header.setUint32(8, kind, true);
  header.setUint32(12, layoutLength, true);
  header.setFloat64(16, performance.now() - started, true);
  socket.send(buffer);
};

for (const level of ["log", "info", "warn", "error"]) {
  const shown = console[level].bind(console);
  console[level] = (...what) => {
    shown(...what);
    if (socket.readyState === WebSocket.OPEN) socket.send(what.map(String).join(" ").slice(0, 4000));
  };
}
