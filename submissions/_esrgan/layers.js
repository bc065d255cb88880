// A published layers model on TensorFlow.js: uint8 (height, width, 3) to uint8 (4 height, 4 width, 3).

import { script } from "./scripts.js";

const BORDER = 4, SCALE = 4;

// The picture as floats with a mirrored border: the network pads with zeros, which would darken the edges.
function bordered({ data, shape: [height, width, channels] }) {
  const shape = [height + 2 * BORDER, width + 2 * BORDER, channels];
  const mirrored = (place, size) => (place < 0 ? -place : place < size ? place : 2 * size - 2 - place);
  const wider = new Float32Array(shape[0] * shape[1] * channels);
  let target = 0;
  for (let row = -BORDER; row < height + BORDER; row++) {
    for (let column = -BORDER; column < width + BORDER; column++) {
      const source = (mirrored(row, height) * width + mirrored(column, width)) * channels;
      for (let channel = 0; channel < channels; channel++) wider[target++] = data[source + channel];
    }
  }
  return { data: wider, shape };
}

export async function upscaler(url) {
  await script(new URL("tf-layers.min.js", import.meta.url));
  const { tf } = globalThis;
  const model = await tf.loadLayersModel(url.href);
  return async ({ picture }) => {
    const large = tf.tidy(() => {
      const small = bordered(picture);
      const y = tf.clipByValue(tf.round(model.predict(tf.tensor4d(small.data, [1, ...small.shape]))), 0, 255);
      const sides = picture.shape.slice(0, 2).map((side) => SCALE * side);
      return tf.squeeze(tf.slice(y, [0, SCALE * BORDER, SCALE * BORDER, 0], [1, ...sides, 3]), [0]);
    });
    const values = await large.data();
    const { shape } = large;
    large.dispose();
    return { data: Uint8Array.from(values), shape };
  };
}
