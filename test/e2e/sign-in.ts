import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchBrowser } from "../simulator/browser.ts";
import { type DevProcess, freePorts, startDev, type Vars } from "../world/dev.ts";

const ADMIN_KEY = "local-development-only-admin-key";

/** `npm run dev` may write a file while it stops. */
const CLEAN_UP = { recursive: true, force: true, maxRetries: 10 };

/** The challenge of RFC 7636, appendix B. */
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/**
 * `npm run dev` with its sample app, a browser, and an app on another site whose callback sends the user on to a third
 * origin, as platforms do.
 */
export class SignInWorld {
  #dev: DevProcess | undefined;
  #browser: Browser | undefined;
  #state = "";
  readonly #servers: Server[] = [];
  /** By the purposes of the clients. */
  readonly #clientIds = new Map<string, string>();
  #callback = "";
  #app = "";
  #drawn = 0;
  #users = 0;

  async start(vars: Vars, browser: Browser): Promise<void> {
    this.#browser = browser;
    this.#state = await mkdtemp(join(tmpdir(), "sandi-sign-in-"));
    this.#dev = await startDev(await freePorts(), this.#state, vars);
    this.#app = await this.#serve((url) => ({ status: 200, text: `Signed in: ${url.search}` }));
    this.#callback = await this.#serve((url) => ({
      status: 302,
      location: `${this.#app}/done${url.search}`,
    }));
    for (const purpose of ["login", "signup"]) await this.#register(purpose, this.#dev.api);
  }

  async #register(purpose: string, api: string): Promise<void> {
    const redirect_uris = [`${this.#callback}/callback`];
    const response = await fetch(`${api}/v1/oauth/clients`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ client_name: "Example Shop", redirect_uris, purpose }),
    });
    this.#clientIds.set(purpose, ((await response.json()) as { client_id: string }).client_id);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    await this.#dev?.signalAll("SIGTERM");
    await rm(this.#state, CLEAN_UP);
  }

  /** The sample app's address. */
  get shop(): string {
    return `http://localhost:${new URL(this.#dev?.phone ?? "").port}/shop`;
  }

  /** The address where the user comes back to in the end. */
  get app(): string {
    return this.#app;
  }

  /** The address that the app sends its user to. */
  requestUrl({ purpose = "login", ...more }: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      client_id: this.#clientIds.get(purpose) ?? "",
      redirect_uri: `${this.#callback}/callback`,
      response_type: "code",
      scope: "openid phone",
      state: "state",
      nonce: "nonce",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      ...more,
    });
    return `${this.#dev?.api}/oauth/authorize?${query}`;
  }

  newNumber(): string {
    this.#drawn += 1;
    return `+6281234${String(100_000 + this.#drawn)}`;
  }

  async codeSentTo(number: string): Promise<string> {
    const [newest] = await this.messagesTo(number);
    return newest?.code ?? "";
  }

  /** The code of the newest of so many messages, once they have arrived. */
  async codeOf(number: string, messages = 1): Promise<string> {
    await expect.poll(() => this.messagesTo(number)).toHaveLength(messages);
    return this.codeSentTo(number);
  }

  /** The user sends a message from the phone. */
  async sendFrom(from: string, text: string): Promise<void> {
    const body = JSON.stringify({ from, text });
    const response = await fetch(`${this.#dev?.phone}/_sim/inbound`, { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
  }

  async messagesTo(number: string): Promise<readonly { readonly code: string }[]> {
    const response = await fetch(`${this.#dev?.phone}/_sim/messages?to=${encodeURIComponent(number)}`);
    return ((await response.json()) as { messages: readonly { code: string }[] }).messages;
  }

  /** Opens the app, which sends the browser to the page of sign-in from its own site. */
  async withPage(
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.#withContext(options, async (page) => {
      await this.visit(page, more);
      await use(page);
    });
  }

  /** Opens the sample app. */
  async withShop(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    await this.#withContext(options, async (page) => {
      await page.goto(this.shop);
      await use(page);
    });
  }

  /** Each user has an address of their own: one may start 30 verifications a minute. */
  async #withContext(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    this.#users += 1;
    const extraHTTPHeaders = { "cf-connecting-ip": `198.51.100.${this.#users}` };
    const context = await this.#browser?.newContext({ ...options, extraHTTPHeaders });
    if (context === undefined) throw new Error("The browser has not been started");
    try {
      await use(await context.newPage());
    } finally {
      await context.close();
    }
  }

  /** Follows a link of the app, from its own site. */
  async visit(page: Page, more: Readonly<Record<string, string>> = {}): Promise<void> {
    await page.goto(`${this.#app}/`);
    await page.setContent(`<a href="${this.requestUrl(more).replaceAll("&", "&amp;")}">Sign in</a>`);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.waitForURL(/\/oauth\/authorize/);
  }

  /** Serves on `localhost`, which for a browser is another site than the Worker's 127.0.0.1. */
  async #serve(
    answer: (url: URL) => { readonly status: number; readonly text?: string; readonly location?: string },
  ): Promise<string> {
    const server = createServer((request, response) => {
      const { status, text = "", location } = answer(new URL(request.url ?? "", "http://localhost"));
      response.writeHead(status, { "content-type": "text/plain", ...(location && { location }) });
      response.end(text);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  }
}

/** Starts worlds for the tests of a file, each with variables of its own, side by side and with one browser. */
export function useSignIn<Name extends string>(
  settings: Readonly<Record<Name, Vars>>,
): Readonly<Record<Name, SignInWorld>> {
  const names = Object.keys(settings) as Name[];
  const worlds = Object.fromEntries(names.map((name) => [name, new SignInWorld()])) as Record<
    Name,
    SignInWorld
  >;
  let browser: Browser | undefined;
  beforeAll(async () => {
    const launched = await launchBrowser();
    browser = launched;
    await Promise.all(names.map((name) => worlds[name].start(settings[name], launched)));
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(names.map((name) => worlds[name].stop()));
  });
  return worlds;
}
