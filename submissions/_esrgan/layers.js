// A published layers model on TensorFlow.js: uint8 (height, width, 3) to uint8 (4 height, 4 width, 3).

import { script } from "./scripts.js";

const WHITE = 255; // the networks were trained on pictures from 0 to 1

export async function upscaler(url) {
  await script(new URL("tf-layers.min.js", import.meta.url));
  const { tf } = globalThis;
  const model = await tf.loadLayersModel(url.href);
  return async ({ picture }) => {
    const large = tf.tidy(() => {
      const x = tf.div(tf.tensor4d(Float32Array.from(picture.data), [1, ...picture.shape]), WHITE);
      return tf.squeeze(tf.clipByValue(tf.round(tf.mul(model.predict(x), WHITE)), 0, WHITE), [0]);
    });
    const values = await large.data();
    const { shape } = large;
    large.dispose();
    return { data: Uint8Array.from(values), shape };
  };
}
