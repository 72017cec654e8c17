// `npx fingerpost` prints what build/bin/fingerpost prints, byte for byte.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";

import { rows } from "./rows.mjs";
import { closedPort, service } from "./support.mjs";

const PACKAGE = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const MAIN = new URL(`../${PACKAGE.bin.fingerpost}`, import.meta.url).pathname;
const TRANSCRIPTS = join(process.env.FINGERPOST_GOLDEN, "../cli/transcripts");
const NOW = "2026-01-31T12:00:00Z";
const OURS = [process.execPath, MAIN];
const THEIRS = [join(process.env.FINGERPOST_BIN, "fingerpost")];

let address, closed;
before(async () => {
  [address, closed] = [await service(), closedPort()];
});

function run([program, ...first], words, input = "") {
  const { stdout, stderr, status } = spawnSync(program, [...first, ...words], { input, maxBuffer: 1 << 28, encoding: "utf8" });
  return { stdout, stderr, status };
}

/** Both programs' words: asked of the same service, at the same instant. */
const complete = (words, more = []) =>
  [...words, ...more, "--server", address, "--timeout", "60", ...(words.includes("--now") ? [] : ["--now", NOW])];

function same(words) {
  const expected = run(THEIRS, words);
  assert.ok(expected.stdout || expected.stderr);
  assert.deepEqual(run(OURS, words), expected);
}

// As a shell splits them; the transcripts have no escapes.
const split = (line) => [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));

const commands = readdirSync(TRANSCRIPTS).filter((name) => name.endsWith(".txt")).flatMap((name) =>
  readFileSync(join(TRANSCRIPTS, name), "utf8").split("\n").filter((line) => /^\$ fingerpost (decide|follow) /.test(line)).map((line) => split(line).slice(2)));

test("a documented command, as text and as JSON", () => {
  assert.ok(commands.length > 20);
  for (const words of commands) {
    same(complete(words));
    if (!words.includes("--json")) same(complete(words, ["--json"]));
  }
});

const ORDER = ["decide", "-X", "POST", "--url", "https://shop.example.com/orders", "--purpose", "form_result"];
const HOP = ["follow", "--url", "https://a.example/", "--status", "302"];
for (const words of [
  [...ORDER, "/x", "--explain"],
  [...ORDER, "/x", "--explain", "--json"],
  [...ORDER, "/x\x1b[31m"],
  ["follow", "--url", "https://a.example/", "--status", "-5"],
  [...ORDER, "/grüße", "--flash", "Grüße \u202e", "--json"],
  [...ORDER, "/x", "-H", "no token: x", "-H", "Cookie", "--now", "tomorrow", "--retry-after", "soon", "--client", "scrpt"],
  [...ORDER, "/x", "--param", "a"],
  [...ORDER, "/x/{a}", "--param", "a=b c"],
  [...ORDER, "/x", "--intent", "order"],
  ["decide", "--intent", "nobody"],
  ["decide", "--purpose", "form_resalt", "--json"],
  ["decide", "--purpose", "operation_result", "--state", "pending", "--retry-after", "2.5", "/x"],
  [...HOP],
  [...HOP, "--location", ""],
  [...HOP, "--location", "/b?c#d", "-H", "Authorization", "-H", "X: \u00ff", "--response-header", "Retry-After: 90"],
  [...HOP, "--location", "https://b.example?", "-H", "Authorization: x", "-H", "Cookie: a=b", "--body", "replayable"],
  [...HOP, "--location", "/b", "-X", "POST", "--body", "replayable", "-H", "Content-Type: text/plain", "--protocol", "HTTP/2", "--json"],
  [...HOP, "--location", "/b", "--profile", "curl", "--response-header", "Set-Cookie: a=b; Max-Age=60"],
  [...HOP, "--location", "/b", "--profile", "crl"],
]) {
  test(`the same output: ${JSON.stringify(words.slice(1))}`, () => same(complete(words)));
}

for (const kind of ["decide", "follow"]) {
  test(`every ${kind} row, in one file`, () => {
    const questions = rows(kind).map((row) => row[kind]).filter((question) => typeof question === "object" && question !== null && !Array.isArray(question))
      .map((question) => ({ now: NOW, ...question }));
    const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
    const words = [kind, "--input", "-", "--server", address, "--timeout", "60"];
    const [ours, theirs] = [run(OURS, words, input), run(THEIRS, words, input)];
    assert.deepEqual([ours.stderr, ours.status], [theirs.stderr, theirs.status]);
    const lines = ours.stdout.trimEnd().split("\n");
    const expected = theirs.stdout.trimEnd().split("\n");
    assert.deepEqual([lines.length, expected.length], [questions.length, questions.length]);
    assert.ok(lines.length > 500, "the corpus is missing");
    const different = lines.flatMap((line, i) => (line === expected[i] ? [] : [[line, expected[i]]]));
    // A line that is no message is refused here, and the service is not asked what else is wrong.
    for (const [line, their] of different) {
      const [error, wanted] = [line, their].map((text) => JSON.parse(text).error);
      assert.ok(error && wanted, `${line}\n${their}`);
      assert.deepEqual([error.code, wanted.code], ["INVALID_ARGUMENT", "INVALID_ARGUMENT"]);
    }
    assert.ok(different.length < lines.length / 20, `${different.length} of ${lines.length}:\n${different.slice(0, 3).join("\n")}`);
  });
}

test("a wrong command line", () => {
  for (const words of [
    [], ["nonsense"], ["decide", "--nonsense"], ["decide", "--server", "far.example:1", "/x"], ["decide", "--server", closed, "--tls", "--insecure"],
    ["decide", "--server", closed, "--tls-cert", "x"], ["decide", "--server", closed, "--tls-ca", "/no/such/file"],
    ["decide", "--server", closed, "--timeout", "0"], ["decide", "--server", closed, "--input", "-", "--url", "https://a.example/"],
    ["decide", "--server", closed, "/x", "/y"], ["follow", "--server", closed, "/x"], ["follow", "--server", closed, "--status", "three"],
    ["decide", "--server", closed, "-X", "GET", "--method", "POST"], ["follow", "--server", closed, "--status", "99999999999"],
  ]) {
    const { stdout, stderr, status } = run(OURS, words);
    assert.deepEqual([stdout, status], ["", 2], words.join(" "));
    assert.match(stderr, /^fingerpost: .*\n$/);
    assert.equal(run(THEIRS, words).status, 2, words.join(" "));
  }
});

test("nobody is there", () => {
  for (const [words, input] of [[[...ORDER, "/x"], ""], [["decide", "--input", "-"], '{"request":{"method":"GET"}}\n']]) {
    const { stdout, stderr, status } = run(OURS, [...words, "--server", closed, "--timeout", "60"], input);
    assert.deepEqual([stdout, status], ["", 3]);
    assert.match(stderr, /UNAVAILABLE/);
  }
});

test("an input that cannot be read, and a reader that goes", async () => {
  const { stdout, stderr, status } = run(OURS, ["decide", "--input", "/no/such/file", "--server", address]);
  assert.deepEqual([stdout, stderr, status], ["", "fingerpost: cannot read /no/such/file: No such file or directory\n", 4]);
  const gone = spawn(OURS[0], [MAIN, ...complete([...ORDER, "/x"])], { stdio: ["ignore", "pipe", "pipe"] });
  gone.stdout.destroy();
  const [complaint, code] = await Promise.all([gone.stderr.toArray(), new Promise((resolve) => gone.on("close", resolve))]);
  assert.deepEqual([Buffer.concat(complaint).toString(), code], ["", 4]);
});

test("help and version, and a file that can be run", () => {
  assert.deepEqual(run(OURS, ["--version"]), run(THEIRS, ["--version"]));
  for (const words of [["--help"], ["decide", "--help"], ["follow", "-h"]]) {
    const ours = run(OURS, words);
    assert.deepEqual([ours.status, ours.stderr], [0, ""]);
    // Every flag but those of answers without a server, and Follow's options, which stand in a line of --input here.
    const options = (text) => text.replace(/^Following:\n[^]*?\n\n\n/m, (group) => (group.includes("--profile") ? "--profile\n\n" : group));
    const flags = (text) => [...new Set(options(text).match(/--[a-z][a-z-]+/g))].filter((flag) => flag !== "--policy").sort();
    if (words.length > 1) assert.deepEqual(flags(ours.stdout), flags(run(THEIRS, words).stdout).filter((flag) => flag !== "--help"));
  }
  assert.equal(statSync(MAIN).mode & 0o111, 0o111);
});

test("a conversation is answered line by line", async () => {
  const talk = spawn(OURS[0], [MAIN, "decide", "--input", "-", "--server", address, "--timeout", "60"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: talk.stdout })[Symbol.asyncIterator]();
  for (let i = 0; i < 2; i += 1) {
    talk.stdin.write('{"request":{"method":"POST"},"intent":{"purpose":"form_result","target":"/x"}}\n');
    assert.ok((await answers.next()).value.includes('"status":303'));
  }
  talk.stdin.end();
  assert.equal(await new Promise((resolve) => talk.on("close", resolve)), 0);
});
