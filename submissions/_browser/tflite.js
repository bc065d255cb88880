// Reads a .tflite file (a FlatBuffer, tensorflow/lite/schema/schema.fbs): its tensors, constants and operators.

const DEQUANTIZE = 6, DENSIFY = 124;
const FLOAT32 = 0, FLOAT16 = 1, INT32 = 2;

// A table of the FlatBuffer at `at`; fields go by their number in the schema.
class Table {
  constructor(view, at) {
    this.view = view;
    this.at = at;
    this.vtable = at - view.getInt32(at, true);
  }

  place(field) {
    const slot = 4 + 2 * field;
    const offset = slot < this.view.getUint16(this.vtable, true) ? this.view.getUint16(this.vtable + slot, true) : 0;
    return offset && this.at + offset;
  }

  byte(field, otherwise = 0) {
    const place = this.place(field);
    return place ? this.view.getInt8(place) : otherwise;
  }

  int(field, otherwise = 0) {
    const place = this.place(field);
    return place ? this.view.getInt32(place, true) : otherwise;
  }

  table(field) {
    const place = this.place(field);
    return place ? new Table(this.view, place + this.view.getUint32(place, true)) : null;
  }

  // Where a vector's elements begin, and how many there are.
  vector(field) {
    const place = this.place(field);
    if (!place) return [0, 0];
    const start = place + this.view.getUint32(place, true);
    return [start + 4, this.view.getUint32(start, true)];
  }

  ints(field) {
    const [start, count] = this.vector(field);
    return Array.from({ length: count }, (_, i) => this.view.getInt32(start + 4 * i, true));
  }

  bytes(field) {
    const [start, count] = this.vector(field);
    return new Uint8Array(this.view.buffer, start, count);
  }

  tables(field) {
    const [start, count] = this.vector(field);
    return Array.from({ length: count }, (_, i) => {
      const place = start + 4 * i;
      return new Table(this.view, place + this.view.getUint32(place, true));
    });
  }

  text(field) {
    return new TextDecoder().decode(this.bytes(field));
  }
}

// {inputs, outputs, tensors: [{name, shape}], constants: Map(index -> typed array), operators:
// [{code, custom, inputs, outputs, options, customOptions}]}; weights come dense, in 32 bits.
export function readModel(buffer) {
  const view = new DataView(buffer);
  const model = new Table(view, view.getUint32(0, true));
  const codes = model.tables(1).map((code) => ({ code: Math.max(code.byte(0), code.int(3)), custom: code.text(1) }));
  const buffers = model.tables(4);
  const graph = model.tables(2)[0];
  const tensors = graph.tables(0).map((tensor) => ({
    shape: tensor.ints(0), type: tensor.byte(1), name: tensor.text(3), data: buffers[tensor.int(2)].bytes(0),
    sparsity: tensor.table(6),
  }));
  const constants = new Map();
  tensors.forEach((tensor, index) => {
    if (tensor.data.length) constants.set(index, numbers(tensor));
  });
  const operators = [];
  for (const operator of graph.tables(3)) {
    const { code, custom } = codes[operator.int(0)];
    const inputs = operator.ints(1), outputs = operator.ints(2);
    const weights = constants.get(inputs[0]);
    if (weights && (code === DEQUANTIZE || code === DENSIFY)) {
      const { sparsity, shape } = tensors[inputs[0]];
      constants.set(outputs[0], code === DENSIFY ? densified(weights, sparsity, shape) : weights);
    } else {
      operators.push({ code, custom, inputs, outputs, options: operator.table(4), customOptions: operator.bytes(5) });
    }
  }
  return { inputs: graph.ints(1), outputs: graph.ints(2), tensors, constants, operators };
}

function numbers({ type, data }) {
  const bytes = data.slice().buffer;
  if (type === FLOAT32) return new Float32Array(bytes);
  if (type === FLOAT16) return Float32Array.from(new Uint16Array(bytes), fromHalf);
  if (type === INT32) return new Int32Array(bytes);
  throw new TypeError(`constants of type ${type} are not read`);
}

function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// Weights kept sparse, level by level (schema.fbs, SparsityParameters), written out.
function densified(values, sparsity, shape) {
  const order = sparsity.ints(0), blocks = sparsity.ints(1);
  const levels = sparsity.tables(2).map((level) => ({
    sparse: level.byte(0) === 1, size: level.int(1),
    segments: indices(level.table(3), level.byte(2)), indices: indices(level.table(5), level.byte(4)),
  }));
  const dense = new Float32Array(shape.reduce((all, side) => all * side, 1));
  const place = new Array(shape.length).fill(0);
  function walk(level, position) {
    if (level === levels.length) {
      dense[shape.reduce((at, side, axis) => at * side + place[axis], 0)] = values[position];
      return;
    }
    const { sparse, size, segments, indices: found } = levels[level];
    const inner = order[level] >= shape.length;
    const axis = inner ? blocks[order[level] - shape.length] : order[level];
    const outer = place[axis];
    const [from, to] = sparse ? [segments[position], segments[position + 1]] : [0, size];
    for (let i = from; i < to; i++) {
      const step = sparse ? found[i] : i;
      place[axis] = inner ? outer * size + step : step;
      walk(level + 1, sparse ? i : position * size + i);
    }
    place[axis] = outer;
  }
  walk(0, 0);
  return dense;
}

// A vector of indices, in 32, 16 or 8 bits.
function indices(table, width) {
  if (!table) return [];
  if (width === 1) return table.ints(0);
  const [start, count] = table.vector(0);
  return width === 2 ? new Uint16Array(table.view.buffer.slice(start, start + 2 * count)) : table.bytes(0);
}
