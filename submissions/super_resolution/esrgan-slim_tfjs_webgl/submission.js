// The published esrgan-slim on TensorFlow.js, backend WebGL: the layers model as it is.

import { start } from "./webgl.js";

export async function build(context) {
  await start(context);
  const { upscaler } = await import("./layers.js");
  return upscaler(new URL("model.json", import.meta.url));
}
