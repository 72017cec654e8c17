// WebAssembly modules by hand, octet by octet: those that must not be taken for the engine, and one that fails.
const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const list = (items) => [...leb(items.length), ...items.flat()];
const text = (value) => list([...Buffer.from(value)]);
const section = (id, items) => {
  const content = list(items);
  return [id, ...leb(content.length), ...content];
};
const HEAD = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32 = 0x7f;

/** `i32.const value` */
export const constant = (value) => [0x41, ...leb(value).flatMap((octet, i, all) => (i === all.length - 1 && octet & 0x40 ? [octet | 0x80, 0x00] : [octet]))];
export const UNREACHABLE = [0x00];
/** Stores 1 where parameter `index` points. */
export const storeOne = (index) => [0x20, index, ...constant(1), 0x36, 0x02, 0x00];

/** A module with these functions, `[parameters, body]` by name, all of which return a number unless `body` is empty, and those that it imports. */
export function moduleOf(functions, { memory = 1, imports = [] } = {}) {
  const all = Object.entries(functions);
  const types = [...imports.map(() => [0, true]), ...all.map(([, [parameters, body]]) => [parameters, body.length > 0])];
  const type = ([parameters, returns]) => [0x60, ...list(Array(parameters).fill([I32])), ...list(returns ? [[I32]] : [])];
  const code = ([, [, body]]) => {
    const whole = [0x00, ...body, 0x0b];
    return [...leb(whole.length), ...whole];
  };
  const exported = all.map(([name], i) => [...text(name), 0x00, ...leb(imports.length + i)]);
  return new Uint8Array([
    ...HEAD,
    ...section(1, types.map(type)),
    ...section(
      2,
      imports.map(([from, name], i) => [...text(from), ...text(name), 0x00, ...leb(i)]),
    ),
    ...section(
      3,
      all.map((_, i) => leb(imports.length + i)),
    ),
    ...section(5, [[0x00, ...leb(memory)]]),
    ...section(7, [[...text("memory"), 0x02, 0x00], ...exported]),
    ...section(10, all.map(code)),
  ]);
}

const number = (value) => [0, constant(value)];

/** What an engine exports, with another body for some. It answers nothing of use. */
export const engineOf = (others = {}) => {
  const functions = {
    abi: number(2),
    version: number(0),
    alloc: [1, constant(1024)],
    free: [1, []],
    open: [7, [...storeOne(3), ...constant(0)]],
    open_text: [6, [...storeOne(2), ...constant(0)]],
    policy_version: [1, constant(0)],
    close: [1, []],
    take_usage: [4, constant(0)],
    decide: [6, constant(0)],
    follow: [6, constant(0)],
    batch_decide: [6, constant(0)],
    batch_follow: [6, constant(0)],
    ...others,
  };
  const named = Object.entries(functions).filter(([, one]) => one);
  return Object.fromEntries(named.map(([name, one]) => [`fingerpost_${name}`, one]));
};
