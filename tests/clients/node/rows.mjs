// The golden corpus, expanded (tests/golden/README.md is the format).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How a value is written inside a text. */
const bare = (value) => (typeof value === "string" ? value : typeof value === "object" && value?.name !== undefined ? String(value.name) : JSON.stringify(value));

const lookedUp = (path, chosen) => path.split(".").reduce((value, part) => value[part], chosen);

function substituted(value, chosen) {
  if (Array.isArray(value)) return value.map((item) => substituted(item, chosen));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [substituted(key, chosen), substituted(item, chosen)]));
  }
  if (typeof value !== "string") return value;
  const known = (path) => path.split(".")[0] in chosen;
  const whole = /^\$\{([^}]+)\}$/.exec(value);
  if (whole && known(whole[1])) return structuredClone(lookedUp(whole[1], chosen));
  return value.replace(/\$\{([^}]+)\}/g, (text, path) => (known(path) ? bare(lookedUp(path, chosen)) : text));
}

function expanded({ for: axes = {}, ...row }) {
  let combinations = [{}];
  for (const [axis, values] of Object.entries(axes)) combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, [axis]: value })));
  return combinations.map((chosen) => {
    const shown = Object.entries(chosen).map(([key, value]) => `${key}=${bare(value)}`).join(", ");
    return { ...substituted(row, chosen), name: shown ? `${row.name} [${shown}]` : row.name };
  });
}

export function rows(kind) {
  const folder = join(process.env.FINGERPOST_GOLDEN, kind);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  return files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8"))).flatMap(expanded);
}
