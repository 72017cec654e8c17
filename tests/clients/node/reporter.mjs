// node:test's events as the lines that tests/run counts.
const file = (data) => (data.file ?? "").split("/").pop();

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite" && type === "test:pass") continue;
    if (data.name.endsWith(".mjs") && type === "test:pass") continue; // The file itself.
    const name = `${process.env.REPORT}: ${file(data)}: ${data.name}`;
    const reason = (data.details.error?.cause ?? data.details.error)?.stack ?? data.details.error;
    if (type === "test:pass") yield data.skip === undefined ? `ok ${name}\n` : `skip ${name}: ${data.skip}\n`;
    else yield `${reason}\nnot ok ${name}: ${String(data.details.error?.message ?? "").split("\n")[0]}\n`;
  }
}
