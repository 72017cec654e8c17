// The small shop in Bun: `bun client/node/examples/web/bun.mjs`, with FINGERPOST_WEB, the URL of fingerpostd's --http-listen.
import { Client, Fingerpost } from "fingerpost/web";

import { shop } from "./shop.mjs";

const client = new Client(process.env.FINGERPOST_WEB, { timeoutMs: 20_000, connectTimeoutMs: 20_000 });
const fetch = shop(new Fingerpost(client, { fields: ["Accept-Language"] }));
const port = Number(process.env.PORT ?? 8000);
console.log(`listening on 127.0.0.1:${Bun.serve({ hostname: "127.0.0.1", port, fetch }).port}`);
