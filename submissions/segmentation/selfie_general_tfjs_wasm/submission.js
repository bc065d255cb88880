// MediaPipe Selfie Segmentation (general) on TensorFlow.js, backend WASM: the published weights as they are.

import { start } from "./wasm.js";

export async function build(context) {
  await start(context);
  const { segmenter } = await import("./selfie.js");
  return segmenter(new URL("model.tflite", import.meta.url));
}
