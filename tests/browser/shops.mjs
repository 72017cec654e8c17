// The example shops: all the same, as described in client/README.md.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import sqlite3 from "node-sqlite3-wasm";

import { start } from "../tests/support.mjs";

const { REPOSITORY, PYTHON, PYTHON_SITE } = process.env;
const examples = (language) => join(REPOSITORY, "client", language, "examples");
const node = (file) => ({ command: process.execPath, words: [new URL(`../examples/${file}`, import.meta.url).pathname] });
const python = (file) => ({ command: PYTHON, words: [join(examples("python"), file)], env: { PYTHONPATH: PYTHON_SITE, PYTHONDONTWRITEBYTECODE: "1" } });
const ruby = (file) => ({ command: "/usr/bin/ruby", words: [join(examples("ruby"), file)] });

// A name, a tab, and a command for the shell.
const more = readFileSync(process.env.MORE_SHOPS, "utf8").split("\n").filter(Boolean);

export const SHOPS = {
  Express: node("express_shop.mjs"),
  Fastify: node("fastify_shop.mjs"),
  Django: python("django_shop.py"),
  Flask: python("flask_shop.py"),
  FastAPI: python("fastapi_shop.py"),
  Rack: ruby("rack_shop.rb"),
  Rails: ruby("rails_shop.rb"),
  ...Object.fromEntries(
    more.map((line) => {
      const [name, command] = line.split("\t");
      return [name, { command: "/bin/sh", words: ["-c", `exec ${command}`] }];
    }),
  ),
};

const folder = mkdtempSync(join(tmpdir(), "fingerpost-shops-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Starts a shop with a new database. `service`: its two addresses. `orders` reads the database. */
export async function openShop(name, service, more = {}) {
  const { command, words, env = {} } = SHOPS[name];
  const database = join(mkdtempSync(join(folder, "db-")), "shop.sqlite");
  const settings = { FINGERPOST: service.address, FINGERPOST_HTTP: `http://${service.web}`, PORT: "0", SHOP_DATABASE: database, ...env, ...more };
  // A framework's log of requests would mix with the results.
  const { address: url } = await start(command, words, { env: { ...process.env, ...settings }, stdio: ["ignore", "pipe", "ignore"] });
  const orders = () => {
    const open = new sqlite3.Database(database, { readOnly: true });
    try {
      return open.all("SELECT item FROM orders ORDER BY id").map(({ item }) => item);
    } finally {
      open.close();
    }
  };
  return { url, orders };
}
