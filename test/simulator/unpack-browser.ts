import chromium from "@sparticuz/chromium";

/**
 * Unpacks the browser before the first file of tests: of two files that unpack it at the same time, one would start a
 * program that is still being written.
 */
export default async function unpackBrowser(): Promise<void> {
  await chromium.executablePath();
}
