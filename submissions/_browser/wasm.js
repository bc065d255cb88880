// TensorFlow.js on its WASM backend, with the threads that the profile gives.

import { script } from "./scripts.js";

export async function start(context) {
  await script(new URL("tf-core.min.js", import.meta.url));
  await script(new URL("tf-backend-wasm.min.js", import.meta.url));
  const { tf } = globalThis;
  tf.wasm.setWasmPaths(new URL("./", import.meta.url).href);
  tf.wasm.setThreadsCount(context.profile.threads);
  await tf.setBackend("wasm");
  await tf.ready();
}
