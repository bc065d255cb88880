// BlazePose GHUM's mask on TensorFlow.js, as submissions/segmentation/blazepose_lite has it for LiteRT: a detector
// finds hips and size, the pose model sees that square, its landmarks give the next frame's square.

import { loadGraph } from "./graph.js";

const tf = globalThis.tf;
const STRIDES = [[8, 2], [16, 2], [32, 6]]; // of the detector's grids, and the anchors in each cell
const CERTAIN = 0.5, WIDER = 1.25;
const CENTRE = 33, EDGE = 34; // landmarks: the hips' middle, and the edge of a circle around the person

export async function segmenter(detectorUrl, poseUrl) {
  const detector = await loadGraph(detectorUrl), pose = await loadGraph(poseUrl);
  const places = anchors(detector.height);
  let square = null;

  async function outputsOf(model, picture, scale, shift, names) {
    const found = tf.tidy(() => {
      const input = tf.tensor4d(picture, [1, model.height, model.width, 3]);
      const outputs = model.run(tf.add(tf.mul(input, scale), shift));
      return names.map((name) => outputs[name]);
    });
    const data = await Promise.all(found.map((tensor) => tensor.data()));
    found.forEach((tensor) => tensor.dispose());
    return data;
  }

  async function detected(frame, height, width) {
    const side = detector.height, scale = Math.max(height, width) / side;
    const corner = [(width - side * scale) / 2, (height - side * scale) / 2];
    const whole = { corner, x: [scale, 0], y: [0, scale] };
    const [boxes, scores] = await outputsOf(detector, sampled(frame, height, width, whole, side, false), 1 / 127.5, -1, ["Identity", "Identity_1"]);
    const best = scores.reduce((at, score, i) => (score > scores[at] ? i : at), 0);
    if (sigmoid(scores[best]) < CERTAIN) return null;
    const [hips, size] = [4, 6].map((place) => [0, 1].map((axis) =>
      (boxes[12 * best + place + axis] + places[best][axis] * side) * scale + corner[axis]));
    return squareAround(hips, size, pose.height);
  }

  return async ({ frame: { data: frame, shape: [height, width] } }) => {
    const data = new Uint8Array(height * width), shape = [height, width];
    square ??= await detected(frame, height, width);
    if (!square) return { data, shape };
    const side = pose.height;
    const [landmarks, [presence], mask] = await outputsOf(
      pose, sampled(frame, height, width, square, side, true), 1 / 255, 0, ["Identity", "Identity_1", "Identity_2"]);
    if (presence < CERTAIN) {
      square = null;
      return { data, shape };
    }
    laidBack(mask, side, square, data, height, width);
    const [hips, edge] = [CENTRE, EDGE].map((i) => toFrame(square, landmarks[5 * i], landmarks[5 * i + 1]));
    square = squareAround(hips, edge, side);
    return { data, shape };
  };
}

// A square is where pixel (0, 0) of a model's input lies in the frame, and its steps along x and y there.
function squareAround(centre, edge, side) {
  const up = [(edge[0] - centre[0]) * WIDER, (edge[1] - centre[1]) * WIDER], right = [-up[1], up[0]];
  return {
    corner: [0, 1].map((axis) => centre[axis] + up[axis] - right[axis]),
    x: right.map((along) => (2 * along) / side), y: up.map((along) => (-2 * along) / side),
  };
}

function toFrame({ corner, x, y }, column, row) {
  return [corner[0] + column * x[0] + row * y[0], corner[1] + column * x[1] + row * y[1]];
}

// The square out of the frame, bilinear; beyond the frame its edge goes on, or it is black.
function sampled(frame, height, width, square, side, goesOn) {
  const picture = new Float32Array(side * side * 3);
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++, at += 3) {
      const [x, y] = toFrame(square, column, row);
      if (!goesOn && (x < 0 || y < 0 || x > width - 1 || y > height - 1)) continue;
      const left = Math.floor(x), top = Math.floor(y), dx = x - left, dy = y - top;
      const x0 = clipped(left, width), x1 = clipped(left + 1, width);
      const y0 = clipped(top, height) * width, y1 = clipped(top + 1, height) * width;
      const a = 3 * (y0 + x0), b = 3 * (y0 + x1), c = 3 * (y1 + x0), d = 3 * (y1 + x1);
      for (let band = 0; band < 3; band++) {
        const upper = frame[a + band] + (frame[b + band] - frame[a + band]) * dx;
        const lower = frame[c + band] + (frame[d + band] - frame[c + band]) * dx;
        picture[at + band] = upper + (lower - upper) * dy;
      }
    }
  }
  return picture;
}

// Where the mask's logits, seen from the frame's pixels, are above 0: a person is likelier than not.
function laidBack(mask, side, { corner, x, y }, data, height, width) {
  const area = x[0] * y[1] - y[0] * x[1];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const dx = column - corner[0], dy = row - corner[1];
      const u = (dx * y[1] - dy * y[0]) / area, v = (dy * x[0] - dx * x[1]) / area;
      if (u < 0 || v < 0 || u > side - 1 || v > side - 1) continue;
      const left = Math.floor(u), top = Math.floor(v), first = top * side + left;
      const right = left + 1 < side ? 1 : 0, below = top + 1 < side ? side : 0, du = u - left, dv = v - top;
      const upper = mask[first] + (mask[first + right] - mask[first]) * du;
      const lower = mask[first + below] + (mask[first + below + right] - mask[first + below]) * du;
      data[at] = upper + (lower - upper) * dv > 0 ? 1 : 0;
    }
  }
}

const clipped = (place, size) => Math.min(Math.max(place, 0), size - 1);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

function anchors(side) {
  return STRIDES.flatMap(([stride, each]) => {
    const cells = side / stride;
    return Array.from({ length: cells * cells * each }, (_, i) => {
      const cell = Math.floor(i / each);
      return [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
    });
  });
}
