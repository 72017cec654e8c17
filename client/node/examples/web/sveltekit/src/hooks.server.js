import { fp } from "$lib/server/fingerpost.js";

export const handle = fp.handle;
