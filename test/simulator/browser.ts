import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** Meant for AWS Lambda; it would end the browser when the first page closes. */
const UNWANTED = "--single-process";

// A GPU emulated by SwiftShader takes more than half of the processor time of a test.
chromium.setGraphicsMode = false;

/** A headless Chromium from an npm package, without background requests. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    headless: true,
    args: [
      ...chromium.args.filter((argument) => argument !== UNWANTED),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
