import type { Verdict } from "../protocol.ts";

const MAX_OFF = 0.1;

/** Bytes of a row, which `npm run scale` reckons with. */
export function bytesVerdicts(
  id: string,
  title: string,
  bytes: number,
  { limit, assumed }: { readonly limit: number; readonly assumed: number },
): readonly Verdict[] {
  return [
    { id: `${id}_bytes`, title: `${title}: bytes`, figure: bytes, limit },
    {
      id: `${id}_bytes_off`,
      title: `${title}: off the ${assumed} bytes of \`npm run scale\`, as a share`,
      figure: Math.abs(bytes / assumed - 1),
      limit: MAX_OFF,
    },
  ];
}
