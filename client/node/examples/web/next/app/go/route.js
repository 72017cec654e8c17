import { fp } from "../../fingerpost.js";

export const POST = (request) => fp.redirect(request, "form_result", request.nextUrl.searchParams.get("next"));
