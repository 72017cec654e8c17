import { CONFIRMATION, TEXT } from "../../../texts.mjs";
import { fp } from "../../fingerpost.js";

export const POST = (request) => fp.redirect(request, "form_result", CONFIRMATION, { flash: TEXT });
