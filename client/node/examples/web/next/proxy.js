import { fp } from "./fingerpost.js";

export const proxy = fp.rules;
