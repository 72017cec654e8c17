import { fp } from "$lib/server/fingerpost.js";

import { CONFIRMATION, TEXT } from "../../../../texts.mjs";

export const load = (event) => ({ flash: fp.flash(event) });

export const actions = {
  order: (event) => fp.leave(event, "form_result", CONFIRMATION, { flash: TEXT }),
  go: (event) => fp.leave(event, "form_result", event.url.searchParams.get("next")),
  named: (event) => fp.leaveNamed(event, "order_placed", { id: "7" }),
};
