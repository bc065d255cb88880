// MediaPipe Selfie Segmentation (general) in MediaPipe's own WASM runtime, as published.

import { mediapipe } from "./mediapipe.js";

export function build() {
  return mediapipe("selfie_segmentation.js", "SelfieSegmentation", { modelSelection: 0 });
}
