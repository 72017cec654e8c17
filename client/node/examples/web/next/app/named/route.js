import { fp } from "../../fingerpost.js";

export const POST = (request) => fp.named(request, "order_placed", { id: "7" });
