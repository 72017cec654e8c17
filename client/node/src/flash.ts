// The flash message of the previous request, from its cookie.
import { textOf } from "./octets.js";

/**
 * The flash message of a request and the Set-Cookie line that clears it; two empty strings if there is none. Anybody
 * could have written this display text: escape it.
 */
export function readFlash(cookieField: string | undefined, name = "flash"): readonly [text: string, clear: string] {
  for (const cookie of [`__Host-${name}`, name]) {
    const pair = (cookieField ?? "").split(";").find((part) => part.trim().startsWith(`${cookie}=`));
    if (pair === undefined) continue;
    const secure = cookie === name ? "" : "Secure; ";
    return [decoded(pair.slice(pair.indexOf("=") + 1).trim()), `${cookie}=; Path=/; Max-Age=0; ${secure}HttpOnly; SameSite=Lax`];
  }
  return ["", ""];
}

// Anybody may have written the cookie: octets that are not UTF-8 become U+FFFD, and a lone "%" stays.
const decoded = (text: string): string => textOf(text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))));
