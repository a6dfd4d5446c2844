import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { STRICT_HEADERS } from "../../security-headers.ts";
import { isolated, type Node } from "./text.ts";
import { LANGUAGES, type Localization, type WordKey } from "./words.ts";

/** What every page has around its content. */
export interface Frame {
  readonly localization: Localization;
  /** The name that users know: the app's, or the client's. */
  readonly brand: string;
  /** Such as `#0a7cff`; null for the page's own. */
  readonly accent: string | null;
  /** An address of this origin. */
  readonly logo: string | null;
  /** Where the user reads more, at the foot of the page. */
  readonly links: readonly Link[];
  /** The schemes to which a form's answer may redirect, besides https. */
  readonly redirectSchemes: readonly string[];
  readonly hasScript: boolean;
  /** Where the widget's script and frame come from; null on a page without the widget. */
  readonly turnstileOrigin: string | null;
}

export interface Link {
  readonly key: Extract<WordKey, "privacy" | "terms" | "help">;
  readonly href: string;
}

/** The languages by their own names. */
const LANGUAGE_NAMES = LANGUAGES.map((language) => ({
  language,
  name: new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language,
}));

/**
 * Renders a page. Its policy names `form-action` by scheme: browsers apply it to every redirect after a form, and the
 * client's callback may send its user on to another origin.
 */
export async function renderPage(
  frame: Frame,
  status: number,
  title: Node,
  content: Node,
): Promise<Response> {
  const { localization, brand, accent, logo, links, redirectSchemes, hasScript, turnstileOrigin } = frame;
  const { language, direction, stylesheet, script } = localization;
  const colors = accent === null ? null : `:root{--accent:${accent};--on-accent:${textOn(accent)}}`;
  const text = await html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${stylesheet}">
${colors === null ? "" : html`<style>${raw(colors)}</style>`}
${hasScript ? html`<script type="module" src="${script}"></script>` : ""}
${turnstileOrigin === null ? "" : html`<script defer src="${turnstileOrigin}/turnstile/v0/api.js?render=explicit"></script>`}
</head>
<body>
<header><p class="brand">${logo === null ? "" : html`<img src="${logo}" alt="" height="32">`}${isolated(brand)}</p></header>
<main>${content}</main>
${links.length === 0 ? "" : footer(links, localization)}
</body>
</html>`;
  const styles = colors === null ? "'self'" : `'self' 'sha256-${digestOf(colors)}'`;
  const widgetSources = turnstileOrigin === null ? [] : [turnstileOrigin];
  const policy = [
    "default-src 'none'",
    `style-src ${styles}`,
    ...(hasScript ? [["script-src 'self'", ...widgetSources].join(" "), "connect-src 'self'"] : []),
    ...widgetSources.map((origin) => `frame-src ${origin}`),
    ...(logo === null ? [] : ["img-src 'self'"]),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${["'self'", "https:", ...redirectSchemes].join(" ")}`,
  ];
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": policy.join("; "),
    // With no-referrer, browsers send `Origin: null` with a form, which is then refused.
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex",
    "cross-origin-resource-policy": STRICT_HEADERS["cross-origin-resource-policy"],
  };
  return new Response(String(text), { status, headers });
}

/** In windows of their own: coming back to a page after a form, browsers ask whether to send it again. */
function footer(links: readonly Link[], { words }: Localization): Node {
  const anchors = links.map(
    ({ key, href }) => html`<a href="${href}" target="_blank" rel="noopener">${words[key]}</a>`,
  );
  return html`<footer>${anchors}</footer>`;
}

/** The choice of another language. It is part of the page's form, so that nothing typed is lost. */
export function languageChoice({ language, words }: Localization): Node {
  return html`<div class="language">
<label for="language">${words.language}</label>
<select id="language" name="language">${LANGUAGE_NAMES.map(
    (option) =>
      html`<option value="${option.language}" lang="${option.language}"${option.language === language ? raw(" selected") : ""}>${option.name}</option>`,
  )}</select>
<button class="plain" formaction="/oauth/authorize/language" formnovalidate>${words.change_language}</button>
</div>`;
}

/** Black or white, whichever is read better on a color: one of them always reaches 4.5:1 (WCAG 2.2, 1.4.3). */
export function textOn(color: string): "#000" | "#fff" {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16)),
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Where the two contrasts, (L + 0.05) / 0.05 and 1.05 / (L + 0.05), are equal.
  return luminance > Math.sqrt(1.05 * 0.05) - 0.05 ? "#000" : "#fff";
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
