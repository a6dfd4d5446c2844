import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { createTestHarness } from "wrangler";
import { launchBrowser } from "../simulator/browser.ts";

export const ADMIN_KEY = "test-admin-key-0123456789-abcdefghijklmnopq";
export const PHONE = { width: 390, height: 844 };
export const SMALL_PHONE = { width: 320, height: 640 };
export const DESK = { width: 1280, height: 800 };
export const WIDE_DESK = { width: 1440, height: 900 };

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A deployment that serves the built reference, and a browser. */
export class Reference {
  readonly #worker = createTestHarness({
    workers: [
      {
        configPath: "./wrangler.toml",
        vars: {
          // No server listens there, so that a send fails at once.
          WHATSAPP_BASE_URL: "http://127.0.0.1:9",
          WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
          WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
        },
        secrets: {
          SECRET_KEY: "test-secret-key-0123456789-abcdefghijklmnop",
          ADMIN_KEY,
          WHATSAPP_ACCESS_TOKEN: "test-access-token",
          WHATSAPP_APP_SECRET: "test-app-secret",
          WHATSAPP_VERIFY_TOKEN: "test-verify-token",
        },
      },
    ],
  });
  #browser: Browser | undefined;
  origin = "";
  /** Every operation of the OpenAPI document. */
  operations: readonly Operation[] = [];

  async start(): Promise<void> {
    this.origin = (await this.#worker.listen()).url.origin;
    this.#browser = await launchBrowser();
    const response = await fetch(`${this.origin}/openapi.json`);
    const { paths } = (await response.json()) as ApiDocument;
    this.operations = Object.values(paths).flatMap((path) => Object.values(path));
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#worker.close();
  }

  async withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    const context = await this.#browser?.newContext(options);
    if (context === undefined) throw new Error("The browser has not been started");
    try {
      await use(await context.newPage());
    } finally {
      await context.close();
    }
  }

  /** Opens the reference, or a part of it: `#startVerification`. */
  async withDocs(
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
    hash = "",
  ): Promise<void> {
    await this.withPage(options, async (page) => {
      await page.goto(`${this.origin}/docs${hash}`);
      await use(page);
    });
  }
}

/** Starts a deployment and a browser for the tests of a file. */
export function useReference(): Reference {
  const reference = new Reference();
  beforeAll(() => reference.start());
  afterAll(() => reference.stop());
  return reference;
}
