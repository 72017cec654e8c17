import { fp } from "$lib/server/fingerpost.js";

import { CONFIRMATION, TEXT } from "../../../../texts.mjs";

export const POST = (event) => fp.redirect(event, "form_result", CONFIRMATION, { flash: TEXT });
