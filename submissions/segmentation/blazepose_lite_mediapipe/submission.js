// BlazePose GHUM (lite) in MediaPipe's own WASM runtime, as published: detector, landmarks, mask.

import { mediapipe } from "./mediapipe.js";

export function build() {
  return mediapipe("pose.js", "Pose", {
    modelComplexity: 0, enableSegmentation: true, smoothSegmentation: false, smoothLandmarks: false,
  });
}
