import { fp } from "$lib/server/fingerpost.js";

export function GET(event) {
  event.cookies.set("own", "1", { path: "/" });
  return new Response(fp.flash(event));
}
