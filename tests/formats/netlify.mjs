// Answers each URL on standard input, one a line, as Netlify would: the real parser of the file, then the real matcher, and
// what `netlify dev` does with a match. usage: netlify.mjs FILE
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The packages lie in the working directory.
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const redirector = require("netlify-redirector");
const { parseAllRedirects } = await import(require.resolve("@netlify/redirect-parser"));

const file = process.argv[2];
const toml = file.endsWith(".toml");
const { redirects, errors } = await parseAllRedirects({
  redirectsFiles: toml ? [] : [file],
  netlifyConfigPath: toml ? file : undefined,
  configRedirects: [],
  minimal: false,
});
for (const error of errors) console.error(String(error));
const matcher = await redirector.parseJSON(JSON.stringify(redirects.map((rule) => ({ ...rule, origin: rule.from, params: rule.query }))), {});

for await (const line of createInterface({ input: process.stdin })) {
  const url = new URL(line);
  const match = matcher.match({
    scheme: url.protocol.slice(0, -1),
    host: url.hostname,
    path: decodeURIComponent(url.pathname),
    query: url.search.slice(1),
    headers: {},
    cookieValues: {},
    getHeader: () => "",
    getCookie: () => "",
  });
  if (!match) {
    console.log("{}");
    continue;
  }
  // The target's own parameters win over the request's, which `netlify dev` also decodes and encodes anew.
  const target = new URL(match.to, url);
  const pairs = url.search.slice(1).split("&").filter(Boolean);
  const kept = pairs.filter((pair) => !target.searchParams.has([...new URLSearchParams(pair).keys()][0]));
  target.search = [target.search.slice(1), ...kept].filter(Boolean).join("&");
  console.log(JSON.stringify({ status: match.status, location: target.href }));
}
