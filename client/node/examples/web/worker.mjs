// The small shop as a worker, which may not compile a module: it imports the compiled one.
import { env, waitUntil } from "cloudflare:workers";

import module from "fingerpost/engine.wasm";
import { Client, Fingerpost } from "fingerpost/web";

import { shop } from "./shop.mjs";

const client = new Client(env.FINGERPOST_WEB, { module, waitUntil, timeoutMs: 20_000, connectTimeoutMs: 20_000 });

export default { fetch: shop(new Fingerpost(client, { fields: ["Accept-Language"] })) };
