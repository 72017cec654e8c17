import { fp } from "$lib/server/fingerpost.js";

export const POST = (event) => fp.back(event, event.url.searchParams.get("next"));
