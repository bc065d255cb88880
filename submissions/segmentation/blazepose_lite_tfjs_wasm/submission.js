// BlazePose GHUM (lite) on TensorFlow.js, backend WASM: the published weights as they are.

import { start } from "./wasm.js";

export async function build(context) {
  await start(context);
  const { segmenter } = await import("./pose.js");
  return segmenter(new URL("detector.tflite", import.meta.url), new URL("model.tflite", import.meta.url));
}
