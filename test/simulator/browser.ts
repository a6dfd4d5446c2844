import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** Chosen for AWS Lambda; here it would end the whole browser with the first page that is closed. */
const UNWANTED = "--single-process";

/** A headless Chromium that needs nothing but npm, and that calls nobody by itself. */
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
