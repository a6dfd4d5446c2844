import { html, raw } from "hono/html";
import type { Node } from "./text.ts";

/** What ISO/IEC 18004 asks for around the code, in modules. */
const QUIET_ZONE = 4;

/**
 * A text as a QR code: black on white with its quiet zone, also on a dark page and in forced colors, since most cameras read
 * no other. The encoder is evaluated for the first code, so that no isolate without one pays for it.
 *
 * @param label What it does, for users who do not see it.
 */
export async function qrCode(text: string, label: string): Promise<Node> {
  const { encode } = await import("./qr-encoder.ts");
  // A screen loses no modules, so that the lowest level gives the largest ones.
  const { data, size } = encode(text, { ecc: "L", border: 0 });
  const side = size + 2 * QUIET_ZONE;
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">
<rect width="${side}" height="${side}" fill="#fff"/>
<path fill="#000" d="${raw(data.map(rowPath).join(""))}"/>
</svg>`;
}

/** The dark modules of a row, adjacent ones as one rectangle. */
function rowPath(modules: readonly boolean[], row: number): string {
  const bits = modules.map((isDark) => (isDark ? "1" : "0")).join("");
  return [...bits.matchAll(/1+/g)]
    .map(({ 0: { length }, index }) => `M${index + QUIET_ZONE} ${row + QUIET_ZONE}h${length}v1h-${length}z`)
    .join("");
}
