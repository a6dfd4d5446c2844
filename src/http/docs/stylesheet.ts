import { createHash } from "node:crypto";
import { LAYOUT } from "./styles/layout.ts";
import { REFERENCE } from "./styles/reference.ts";
import { THEME } from "./styles/theme.ts";

export const STYLESHEET = THEME + LAYOUT + REFERENCE;

/** The address changes with the content, so that a browser may keep it and no page meets another version's. */
export function stylesheetAddress(): string {
  const version = createHash("sha256").update(STYLESHEET).digest("base64url").slice(0, 12);
  return `/docs/style.css?v=${version}`;
}
