import { fp } from "../../fingerpost.js";

export const POST = (request) => fp.back(request, request.nextUrl.searchParams.get("next"));
