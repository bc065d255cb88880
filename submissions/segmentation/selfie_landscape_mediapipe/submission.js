// MediaPipe Selfie Segmentation (landscape) in MediaPipe's own WASM runtime, as published.

import { mediapipe } from "./mediapipe.js";

export function build() {
  return mediapipe("selfie_segmentation.js", "SelfieSegmentation", { modelSelection: 1 });
}
