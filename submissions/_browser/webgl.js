// TensorFlow.js on its WebGL backend.

import { script } from "./scripts.js";

export async function start() {
  await script(new URL("tf-core.min.js", import.meta.url));
  await script(new URL("tf-backend-webgl.min.js", import.meta.url));
  const { tf } = globalThis;
  await tf.setBackend("webgl");
  await tf.ready();
}
