// Runs a .tflite file on TensorFlow.js: every operator of the published person segmenters, on any backend.

import { readModel } from "./tflite.js";

const tf = globalThis.tf;
const ACTIVATIONS = [undefined, "relu", undefined, "relu6"];
const PADDING = ["same", "valid"];

const activated = (x, which) => (ACTIVATIONS[which] ? tf[ACTIVATIONS[which]](x) : x);

function convolution({ x, filter, bias, options, first, run }) {
  return run({
    x, filter, bias, pad: PADDING[options.byte(0)], strides: [options.int(2), options.int(1)],
    activation: ACTIVATIONS[options.byte(first)],
    dilations: [options.int(first + 2, 1), options.int(first + 1, 1)],
  });
}

// Padding, then strides, as 32-bit numbers.
function transposedConvolution([x, filter, bias], { outputs, customOptions, shapes }) {
  const [padding, strideX, strideY] = new Int32Array(customOptions.slice(0, 12).buffer);
  const y = tf.conv2dTranspose(x, filter, shapes[outputs[0]], [strideY, strideX], padding === 1 ? "same" : "valid");
  return tf.add(y, bias);
}

function pool(kind) {
  return ([x], { options }) =>
    activated(kind(x, [options.int(4), options.int(3)], [options.int(2), options.int(1)], PADDING[options.byte(0)]), options.byte(5));
}

function padding(values) {
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
}

// By the operator's number in schema.fbs; `constant(i)` gives the numbers of the i-th input.
const OPERATORS = {
  0: ([a, b], { options }) => activated(tf.add(a, b), options.byte(0)),
  1: pool((...given) => tf.avgPool(...given)),
  2: (parts, { options }) => tf.concat(parts, options.int(0)),
  3: ([x, filter, bias], { options }) => convolution({ x, filter, bias, options, first: 3, run: tf.fused.conv2d }),
  4: ([x, filter, bias], { options }) => convolution({ x, filter, bias, options, first: 4, run: tf.fused.depthwiseConv2d }),
  5: ([x], { options }) => tf.depthToSpace(x, options.int(0), "NHWC"),
  14: ([x]) => tf.sigmoid(x),
  17: pool((...given) => tf.maxPool(...given)),
  18: ([a, b], { options }) => activated(tf.mul(a, b), options.byte(0)),
  19: ([x]) => tf.relu(x),
  22: ([x], { outputs, shapes }) => tf.reshape(x, shapes[outputs[0]]),
  23: ([x], { constant, options }) => tf.image.resizeBilinear(x, [...constant(1)], Boolean(options.byte(2)), Boolean(options.byte(3))),
  32: transposedConvolution,
  34: ([x], { constant }) => tf.pad(x, padding(constant(1))),
  40: ([x], { constant, options }) => tf.mean(x, [...constant(1)], Boolean(options.byte(0))),
  117: ([x]) => tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6)),
};

// Filters as TensorFlow.js wants them.
const FILTERS = {
  3: (filter) => tf.transpose(filter, [1, 2, 3, 0]),
  4: (filter) => tf.transpose(filter, [1, 2, 3, 0]),
  32: (filter) => tf.transpose(filter, [1, 2, 0, 3]),
};

// Load a model: {height, width, run}; run(x) takes a tensor (1, height, width, 3), gives the outputs by name.
export async function loadGraph(url) {
  const { inputs, outputs, tensors, constants, operators } = readModel(await (await fetch(url)).arrayBuffer());
  const shapes = tensors.map(({ shape }) => shape);
  const weights = new Map();
  const steps = operators.map((operator) => {
    const work = OPERATORS[operator.code];
    if (!work) throw new TypeError(`operator ${operator.custom || operator.code} is not known`);
    operator.inputs.forEach((index, place) => {
      if (!constants.has(index) || weights.has(index)) return;
      const turned = place === 1 && FILTERS[operator.code];
      const values = constants.get(index);
      const dtype = values instanceof Int32Array ? "int32" : "float32";
      weights.set(index, tf.tidy(() => {
        const tensor = tf.tensor(values, shapes[index], dtype);
        return turned ? turned(tensor) : tensor;
      }));
    });
    return { ...operator, shapes, work, constant: (place) => constants.get(operator.inputs[place]) };
  });
  function run(x) {
    const values = new Map(weights).set(inputs[0], x);
    for (const step of steps) {
      values.set(step.outputs[0], step.work(step.inputs.filter((i) => i >= 0).map((i) => values.get(i)), step));
    }
    return Object.fromEntries(outputs.map((index) => [tensors[index].name, values.get(index)]));
  }
  const [, height, width] = shapes[inputs[0]];
  return { height, width, run };
}
