import { fp } from "$lib/server/fingerpost.js";

export const POST = (event) => fp.named(event, "order_placed", { id: "7" });
