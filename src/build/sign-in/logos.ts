import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";

/** The whole page has 24 KB, and a logo hardly gets smaller on its way. */
const LARGEST_BYTES = 8 * 1024;

/** How a file of each kind begins. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  ".svg": /^\s*<(svg|\?xml|!)/,
  ".png": /^\x89PNG/,
  ".webp": /^RIFF.{4}WEBP/s,
  ".jpg": /^\xff\xd8\xff/,
};

/** Images by their paths in the directory of assets, and their addresses by the names of apps. */
export interface LogoFiles {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Reads the logos of apps. Throws for one that is missing, no image, or too large.
 *
 * @param paths Files by the names of apps.
 */
export async function logoFiles(paths: ReadonlyMap<string, string>): Promise<LogoFiles> {
  const files: Record<string, Buffer> = {};
  const addresses: Record<string, string> = {};
  for (const [app, path] of paths) {
    const image = await readLogo(path);
    const name = `logos/${app}${extname(path)}`;
    files[`sign-in/${name}`] = image;
    addresses[app] = `/oauth/${name}?v=${versionOf(image)}`;
  }
  return { files, addresses };
}

async function readLogo(path: string): Promise<Buffer> {
  const image = await readFile(path);
  if (image.byteLength > LARGEST_BYTES)
    throw new Error(`The logo ${path} has more than ${LARGEST_BYTES} bytes`);
  if (BEGINNINGS[extname(path)]?.test(image.toString("latin1")) === true) return image;
  throw new Error(`The logo ${path} is not what its ending says`);
}

/** What changes in an address with the content. */
export function versionOf(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 12);
}
