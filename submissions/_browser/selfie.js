// MediaPipe Selfie Segmentation on TensorFlow.js: the whole frame squashed to the model's size, RGB in [0, 1].

import { loadGraph } from "./graph.js";

const tf = globalThis.tf;

export async function segmenter(url) {
  const model = await loadGraph(url);
  return async ({ frame }) => {
    const [height, width] = frame.shape;
    const mask = tf.tidy(() => {
      const whole = tf.cast(tf.tensor4d(frame.data, [1, height, width, 3], "int32"), "float32");
      const small = tf.image.resizeBilinear(whole, [model.height, model.width], false, true);
      const [found] = Object.values(model.run(tf.mul(small, 1 / 255)));
      return tf.greater(tf.image.resizeBilinear(found, [height, width], false, true), 0.5);
    });
    const data = await mask.data();
    mask.dispose();
    return { data, shape: [height, width] };
  };
}
