import { fp } from "../../../../fingerpost.js";

export function GET(request) {
  const [text, clear] = fp.flash(request);
  const page = new Response(text, { headers: { "set-cookie": "own=1; Path=/" } });
  if (clear) page.headers.append("set-cookie", clear);
  return page;
}
