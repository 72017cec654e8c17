// Answers as the web platform's Response.
import type { Decision, Fields } from "../answers.js";
import { MERGED } from "../page.js";

/** The response, as it was decided: nothing is encoded again. */
export function responseOf({ status, headers, body }: Decision): Response {
  return new Response(body || null, { status, headers: headers.map(([name, value]): [string, string] => [name, value]) });
}

/** The page with the fields of an answer that let it pass. It may be the same one. */
export function withFields(page: Response, fields: Fields): Response {
  if (fields.length === 0 || page.status === 101) return page; // An upgrade is no page.
  const own = changeable(page);
  addFields(own.headers, fields);
  return own;
}

/** Merges Vary and Cache-Control, and adds Set-Cookie. */
export function addFields(page: Headers, fields: Fields): void {
  for (const [name, merged] of Object.entries(MERGED)) {
    const added = fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
    if (added.length === 0) continue;
    if (name === "set-cookie") added.forEach((value) => page.append(name, value));
    else page.set(name, String(merged([page.get(name) ?? []].flat(), added)));
  }
}

// fetch's responses and Response.redirect() have fields that nobody may change.
function changeable(page: Response): Response {
  try {
    page.headers.delete("x-fingerpost"); // There is none.
  } catch {
    return new Response(page.body, page);
  }
  return page;
}
