import { fp } from "$lib/server/fingerpost.js";

export const POST = (event) => fp.redirect(event, "form_result", event.url.searchParams.get("next"));
