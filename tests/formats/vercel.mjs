// Answers each URL on standard input, one a line, by the routes that Vercel's own library makes of a vercel.json: the first
// whose pattern matches the path. usage: vercel.mjs FILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The package lies in the working directory.
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { getTransformedRoutes } = require("@vercel/routing-utils");

const { routes, error } = getTransformedRoutes({ redirects: JSON.parse(readFileSync(process.argv[2], "utf8")).redirects });
if (error) throw new Error(error.message);

function holds(condition, url) {
  const value = { host: url.hostname, query: url.searchParams.get(condition.key) }[condition.type] ?? null;
  return value !== null && (condition.value === undefined || new RegExp(`^${condition.value}$`).test(value));
}

for await (const line of createInterface({ input: process.stdin })) {
  const url = new URL(line);
  const path = decodeURI(url.pathname);
  let answer = {};
  for (const route of routes) {
    const match = new RegExp(route.src).exec(path);
    if (!match || !(route.has ?? []).every((one) => holds(one, url)) || (route.missing ?? []).some((one) => holds(one, url))) continue;
    const target = new URL(
      route.headers.Location.replace(/\$(\d)/g, (_, group) => match[group] ?? ""),
      url,
    );
    // The target's own parameters win over the request's.
    const pairs = url.search.slice(1).split("&").filter(Boolean);
    const kept = pairs.filter((pair) => !target.searchParams.has([...new URLSearchParams(pair).keys()][0]));
    target.search = [target.search.slice(1), ...kept].filter(Boolean).join("&");
    answer = { status: route.status, location: target.href };
    break;
  }
  console.log(JSON.stringify(answer));
}
