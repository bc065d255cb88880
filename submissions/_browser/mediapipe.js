// A person mask out of one of MediaPipe's published solutions, whose runtime is WASM and WebGL.

import { script } from "./scripts.js";

const INPUTS = [[256, 256], [256, 144]];

// `modelSelection` 0 is the general model, 1 the landscape one; INPUTS holds the width and height of each.
export async function mediapipe(file, name, options) {
  await script(new URL(file, import.meta.url));
  const solution = new globalThis[name]({ locateFile: (part) => new URL(part, import.meta.url).href });
  solution.setOptions({ selfieMode: false, ...options });
  let results = null;
  solution.onResults((found) => { results = found; });
  await solution.initialize();
  const settings = { willReadFrequently: true };
  const [modelWidth, modelHeight] = INPUTS[options.modelSelection];
  const source = new OffscreenCanvas(1, 1).getContext("2d", settings);
  // What the runtime is handed never changes its size: after eight sizes or so it would mark everything.
  const input = new OffscreenCanvas(modelWidth, modelHeight).getContext("2d", settings);
  const target = new OffscreenCanvas(1, 1).getContext("2d", settings);

  return async ({ frame }) => {
    const [height, width] = frame.shape;
    source.canvas.width = width;
    source.canvas.height = height;
    source.putImageData(pictured(frame.data, width, height), 0, 0);
    input.drawImage(source.canvas, 0, 0, modelWidth, modelHeight);
    await solution.send({ image: input.canvas });
    const data = new Uint8Array(width * height);
    if (results.segmentationMask) {
      // The mask is done only when it can be read: what is returned before is a promise of the GPU's.
      target.canvas.width = width;
      target.canvas.height = height;
      target.drawImage(results.segmentationMask, 0, 0, width, height);
      const mask = target.getImageData(0, 0, width, height).data;
      for (let i = 0; i < data.length; i++) data[i] = mask[4 * i + 3] > 127 ? 1 : 0;
    }
    return { data, shape: [height, width] };
  };
}

function pictured(rgb, width, height) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0, j = 0; i < pixels.length; i++, j += 3) {
    pixels[i] = 0xff000000 | (rgb[j + 2] << 16) | (rgb[j + 1] << 8) | rgb[j];
  }
  return image;
}
