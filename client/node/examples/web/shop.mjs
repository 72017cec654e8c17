// The small shop with nothing but Request and Response, for every runtime.
import { CONFIRMATION, TEXT } from "./texts.mjs";

export const shop = (fp) => (request) => fp.handle(request, () => page(fp, request));

function page(fp, request) {
  const { pathname, searchParams } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "POST /orders":
      return fp.redirect(request, "form_result", CONFIRMATION, { flash: TEXT });
    case `GET ${CONFIRMATION}`:
      return confirmation(fp, request);
    case "GET /page":
      return new Response("page", { headers: { vary: "Origin" } });
    case "POST /named":
      return fp.named(request, "order_placed", { id: "7" });
    case "POST /go":
      return fp.redirect(request, "form_result", searchParams.get("next"));
    case "POST /login":
      return fp.back(request, searchParams.get("next"));
    default:
      return new Response(null, { status: 404 });
  }
}

function confirmation(fp, request) {
  const [text, clear] = fp.flash(request);
  const answer = new Response(text, { headers: { "set-cookie": "own=1" } });
  if (clear) answer.headers.append("set-cookie", clear);
  return answer;
}
