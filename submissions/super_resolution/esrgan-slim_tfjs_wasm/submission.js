// The published esrgan-slim on TensorFlow.js, backend WASM: the layers model as it is.

import { start } from "./wasm.js";

export async function build(context) {
  await start(context);
  const { upscaler } = await import("./layers.js");
  return upscaler(new URL("model.json", import.meta.url));
}
