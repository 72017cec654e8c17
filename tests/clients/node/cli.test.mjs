// `npx fingerpost` answers like build/bin/fingerpost, a line of JSON for a line of JSON.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";

import { rows } from "./rows.mjs";
import { closedPort, service } from "./support.mjs";

const PACKAGE = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const MAIN = new URL(`../${PACKAGE.bin.fingerpost}`, import.meta.url).pathname;
const NOW = "2026-01-31T12:00:00Z";
const OURS = [process.execPath, MAIN];
const THEIRS = [join(process.env.FINGERPOST_BIN, "fingerpost")];
const FORM = '{"request":{"method":"POST"},"intent":{"purpose":"form_result","target":"/x"}}';
const WRONG = '{"request":{"method":"POST"},"intent":{"purpose":"form_result"}}';

let address, closed;
before(async () => {
  [address, closed] = [await service(), closedPort()];
});

function run([program, ...first], words, options = {}) {
  const { stdout, stderr, status } = spawnSync(program, [...first, ...words], { input: "", maxBuffer: 1 << 28, encoding: "utf8", ...options });
  return { stdout, stderr, status };
}

const lines = (text) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("the stub is thin", () => {
  assert.ok(
    readFileSync(new URL("../src/cli.ts", import.meta.url), "utf8")
      .trimEnd()
      .split("\n").length <= 120,
  );
});

for (const kind of ["decide", "follow"]) {
  test(`every ${kind} row`, () => {
    const questions = rows(kind)
      .map((row) => row[kind])
      .filter((question) => typeof question === "object" && question !== null && !Array.isArray(question))
      .map((question) => ({ now: NOW, ...question }));
    const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
    const words = [kind, "--server", address, "--timeout", "60"];
    const [ours, theirs] = [run(OURS, words, { input }), run(THEIRS, [...words, "--input", "-"], { input })];
    assert.deepEqual([ours.stderr, ours.status, theirs.stderr, theirs.status], ["", 1, "", 1]);
    const [answers, expected] = [lines(ours.stdout), lines(theirs.stdout)];
    assert.deepEqual([answers.length, expected.length], [questions.length, questions.length]);
    assert.ok(answers.length > 500, "the corpus is missing");
    // The package itself refuses what is not a message, in its own words.
    let different = 0;
    answers.forEach((answer, i) => {
      try {
        assert.deepEqual(answer, expected[i]);
      } catch (error) {
        different += 1;
        if (answer.error?.code !== "INVALID_ARGUMENT" || expected[i].error?.code !== "INVALID_ARGUMENT") throw error;
      }
    });
    assert.ok(different < answers.length / 20, `${different} of ${answers.length}`);
  });
}

test("questions are answered in their order, from arguments and from lines", () => {
  const questions = [FORM, WRONG, "{", "[]", '"\u00fc"', FORM];
  const words = ["decide", "--server", address, "--timeout", "60"];
  for (const { stdout, stderr, status } of [run(OURS, [...words, ...questions]), run(OURS, words, { input: questions.join("\n") })]) {
    assert.deepEqual([stderr, status], ["", 1]);
    const answers = lines(stdout);
    assert.deepEqual(
      answers.map((answer) => answer.status ?? answer.error.code),
      [303, ...Array(4).fill("INVALID_ARGUMENT"), 303],
    );
    assert.equal(answers[2].error.reason, "ERROR_REASON_MALFORMED_JSON");
    assert.equal(answers[1].error.violations[0].field, "intent.target");
  }
});

test("what drives a terminal is escaped", () => {
  const request = { method: "GET", url: "https://shop.test/?a=\x1b[31m\x7f\x85\u202e" };
  const question = JSON.stringify({ request, intent: { purpose: "form_resul\x1b\x7f\x85\u202e", target: "/" } });
  const { stdout, stderr } = run(OURS, ["decide", "--server", address, "--timeout", "60", question]);
  assert.equal(lines(stdout).length, 1);
  assert.match(stdout + stderr, /^[\n -~]*$/);
});

test("a wrong command line", () => {
  for (const words of [
    [],
    ["trace"],
    ["decide"],
    ["decide", "--nonsense"],
    ["decide", "--server", "far.example:1"],
    ["decide", "--server", "127.evil.example:1"],
    ["decide", "--server", closed, "--tls", "--insecure"],
    ["health", "--server", closed, "--tls-cert", MAIN],
    ["decide", "--server", closed, "--tls-ca", "/no/such/file"],
    ["decide", "--server", closed, "--timeout", "soon"],
    ["health", "--server", closed, "{}"],
    ["decide", "--server", closed, "--timeout", "0"],
    ["toString", "--server", closed],
  ]) {
    const { stdout, stderr, status } = run(OURS, words);
    assert.deepEqual([stdout, status], ["", 2], words.join(" "));
    assert.match(stderr, /^fingerpost: .*\n$/);
  }
});

test("nobody is there", () => {
  for (const [words, input] of [
    [["decide", FORM], ""],
    [["decide"], FORM],
  ]) {
    const { stdout, stderr, status } = run(OURS, [...words, "--server", closed, "--timeout", "60"], { input });
    assert.deepEqual([stdout, status], ["", 3]);
    assert.match(stderr, /UNAVAILABLE/);
  }
});

test("health", () => {
  for (const program of [OURS, THEIRS]) {
    assert.deepEqual(run(program, ["health", "--server", address, "--timeout", "60"]), { stdout: "SERVING\n", stderr: "", status: 0 });
    assert.equal(run(program, ["health", "--server", closed, "--timeout", "1"]).status, 3);
  }
  assert.deepEqual(run(OURS, ["health", "--server", closed, "--timeout", "0.1"]), { stdout: "NOT_SERVING\n", stderr: "", status: 3 });
});

test("an input that cannot be read, and a reader that goes", async () => {
  const unreadable = run(OURS, ["decide", "--server", address], { stdio: [openSync("/dev/null", "w"), "pipe", "pipe"] });
  assert.deepEqual([unreadable.stdout, unreadable.status], ["", 4]);
  assert.match(unreadable.stderr, /^fingerpost: EBADF.*\n$/);
  const gone = spawn(OURS[0], [MAIN, "decide", "--server", address, "--timeout", "60", FORM], { stdio: ["ignore", "pipe", "pipe"] });
  gone.stdout.destroy();
  const [complaint, code] = await Promise.all([gone.stderr.toArray(), new Promise((resolve) => gone.on("close", resolve))]);
  assert.deepEqual([/^fingerpost: .*EPIPE\n$/.test(Buffer.concat(complaint).toString()), code], [true, 4]);
});

test("help and version, and a file that can be run", () => {
  assert.deepEqual(run(OURS, ["--version"]), run(THEIRS, ["--version"]));
  for (const words of [["--help"], ["decide", "--help"], ["follow", "-h"]]) {
    const { stdout, stderr, status } = run(OURS, words);
    assert.deepEqual([stderr, status], ["", 0]);
    assert.match(stdout, /fingerpost is the tool/);
  }
  assert.equal(statSync(MAIN).mode & 0o111, 0o111);
});

test("a conversation is answered line by line", async () => {
  const talk = spawn(OURS[0], [MAIN, "decide", "--server", address, "--timeout", "60"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: talk.stdout })[Symbol.asyncIterator]();
  for (let i = 0; i < 2; i += 1) {
    talk.stdin.write(`${FORM}\n`);
    assert.ok((await answers.next()).value.includes('"status":303'));
  }
  talk.stdin.end();
  assert.equal(await new Promise((resolve) => talk.on("close", resolve)), 0);
});
