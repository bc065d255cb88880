// Arrays to bytes and back, as harness/host/codec.py has it: a layout in JSON, then each array at the next
// multiple of 64. An array is {data: typed array, shape: [...]}; an item is one, or a mapping of named ones.

import { ALIGN } from "/protocol.js";

const TYPES = {
  "|u1": Uint8Array, "|b1": Uint8Array, "|i1": Int8Array, "<u2": Uint16Array, "<i2": Int16Array,
  "<u4": Uint32Array, "<i4": Int32Array, "<f4": Float32Array, "<f8": Float64Array,
  "<i8": BigInt64Array, "<u8": BigUint64Array,
};
const NAMES = new Map(Object.entries(TYPES).filter(([name]) => name !== "|b1").map(([name, type]) => [type, name]));

const aligned = (offset) => Math.ceil(offset / ALIGN) * ALIGN;
const product = (shape) => shape.reduce((all, side) => all * side, 1);

// The items of a message that begins at `start` of `buffer`; its arrays are views.
export function decode(buffer, start, layoutLength) {
  const layout = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, start, layoutLength)));
  let offset = layoutLength;
  return layout.map((arrays) => {
    const item = {};
    for (const [name, dtype, shape] of arrays) {
      const type = TYPES[dtype];
      if (!type) throw new TypeError(`arrays of ${dtype} do not reach a page`);
      offset = aligned(offset);
      const array = { data: new type(buffer, start + offset, product(shape)), shape, dtype };
      offset += array.data.byteLength;
      if (name === null) return array;
      item[name] = array;
    }
    return item;
  });
}

// A message of items behind `start` bytes left free: {buffer, layoutLength}.
export function encode(items, start) {
  const flat = items.map((item) => (isArray(item) ? [[null, item]] : Object.entries(item ?? { answer: item })));
  const layout = flat.map((arrays) => arrays.map(([name, array]) => [name, dtypeOf(name, array), array.shape]));
  const text = new TextEncoder().encode(JSON.stringify(layout));
  let end = text.length;
  const places = flat.flat().map(([, array]) => {
    const place = aligned(end);
    end = place + array.data.byteLength;
    return [place, array.data];
  });
  const bytes = new Uint8Array(start + end);
  bytes.set(text, start);
  for (const [place, data] of places) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + place);
  }
  return { buffer: bytes.buffer, layoutLength: text.length };
}

const isArray = (item) => ArrayBuffer.isView(item?.data) && Array.isArray(item.shape);

function dtypeOf(name, array) {
  const dtype = isArray(array) ? NAMES.get(array.data.constructor) : undefined;
  if (!dtype || product(array.shape) !== array.data.length) {
    const what = name === null ? "the answer" : `'${name}'`;
    throw Object.assign(new TypeError(`${what} is no {data: typed array, shape: [...]} whose sizes agree`), { invalid: true });
  }
  return dtype;
}
