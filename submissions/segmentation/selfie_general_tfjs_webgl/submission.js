// MediaPipe Selfie Segmentation (general) on TensorFlow.js, backend WebGL: the published weights as they are.

import { start } from "./webgl.js";

export async function build(context) {
  await start(context);
  const { segmenter } = await import("./selfie.js");
  return segmenter(new URL("model.tflite", import.meta.url));
}
