import { Fingerpost } from "fingerpost/sveltekit";
import { Client } from "fingerpost/web";

const client = new Client(process.env.FINGERPOST_WEB, { timeoutMs: 20_000, connectTimeoutMs: 20_000 });
export const fp = new Fingerpost(client, { fields: ["Accept-Language"] });
