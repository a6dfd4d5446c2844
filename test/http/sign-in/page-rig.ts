import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deploy } from "../../../src/deployment.ts";
import { baseApp } from "../../../src/http/base-app.ts";
import { signIn } from "../../../src/http/sign-in/index.ts";
import { renderSignInError } from "../../../src/http/sign-in/oauth-error.ts";
import { Words } from "../../../src/http/sign-in/page/words.ts";
import type { Client } from "../../../src/http/sign-in/provider.ts";
import { SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import type { SenderName } from "../../../src/http/sign-in/sender-name.ts";
import { Turnstile } from "../../../src/http/sign-in/turnstile.ts";
import { ISSUER, REQUEST, registerOf } from "./fixtures.ts";

export const ORIGIN = "https://sign-in.example";

/** A page as a browser shows it, or the redirect that it follows. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where a redirect leads; null for a page. */
  readonly location: URL | null;
}

/** The provider of a fresh isolate with these clients. */
export class Provider {
  readonly #app: ReturnType<typeof baseApp>;

  /**
   * @param more Bindings and settings that replace those of the tests.
   * @param sender What is known of the sender.
   */
  constructor(clients: readonly Client[], more: object = {}, sender: SenderName | null = null) {
    const { config, verifications, messageFirst, redemptions, assets } = deploy(Object.assign({}, env, more));
    const { keyring, policies, apps, defaultLocale, sms, signIn: settings } = config;
    this.#app = baseApp(renderSignInError);
    this.#app.route(
      "/",
      signIn({
        clients: registerOf(...clients),
        issuer: ISSUER,
        texts: new SealedTexts(keyring),
        redemptions,
        verifications,
        messageFirst,
        policies,
        apps,
        settings,
        senderName: () => sender,
        turnstile: settings.turnstile && new Turnstile(settings.turnstile, keyring),
        words: new Words(assets),
        defaultLocale,
        hasSmsGateway: sms !== null,
        issuerAt: (url) => (new URL(url).origin === ORIGIN ? ORIGIN : null),
        assets,
      }),
    );
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Shown> {
    const context = createExecutionContext();
    const request = new Request(url, { redirect: "manual", ...init });
    const response = await this.#app.fetch(request, {}, context);
    const html = await response.text();
    await waitOnExecutionContext(context);
    const location = response.headers.get("location");
    return {
      status: response.status,
      headers: response.headers,
      html,
      location: location === null ? null : new URL(location),
    };
  }
}

type Fields = Readonly<Record<string, string>>;

/** A browser with its cookies, in one country. */
export class Browser {
  #provider: Provider;
  readonly #headers: Fields;
  #cookie: string | null = null;

  constructor(provider: Provider, headers: Fields = {}) {
    this.#provider = provider;
    this.#headers = { "cf-connecting-ip": "203.0.113.9", ...headers };
  }

  /** Follows the app's redirect. */
  async open(changed: Readonly<Record<string, string | undefined>> = {}): Promise<Shown> {
    const merged = { ...REQUEST, ...changed };
    const given = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.#send(`/oauth/authorize?${new URLSearchParams(given)}`, { headers: this.#cookies() });
  }

  /** Presses a button of a page. */
  async press(page: Shown, action: string, fields: Fields = {}, headers: Fields = {}): Promise<Shown> {
    const body = new URLSearchParams({ flow: flowOf(page), ...fields });
    const own = { origin: ORIGIN, ...this.#cookies(), ...headers };
    return this.#send(`/oauth/authorize/${action}`, { method: "POST", body, headers: own });
  }

  /** The deployment has other settings from now on. */
  moveTo(provider: Provider): void {
    this.#provider = provider;
  }

  /** The browser's cookies, for a request that is spelled out. */
  cookies(): Fields {
    return this.#cookies();
  }

  async #send(path: string, init: RequestInit): Promise<Shown> {
    const headers = { ...this.#headers, ...(init.headers as Fields) };
    const shown = await this.#provider.fetch(ORIGIN + path, { ...init, headers });
    const given = /^(__Host-sandi=[^;]+)/.exec(shown.headers.get("set-cookie") ?? "")?.[1];
    if (given !== undefined) this.#cookie = given;
    return shown;
  }

  #cookies(): Fields {
    return this.#cookie === null ? {} : { cookie: `theme=dark; ${this.#cookie}` };
  }
}

export function flowOf({ html }: Shown): string {
  return /name="flow" value="([\w-]+)"/.exec(html)?.[1] ?? "";
}

/** What a page says, without its markup and the lists of countries and languages. */
export function textOf({ html }: Shown): string {
  const text = html
    .replace(/<(title|select|style)[^>]*>.*?<\/\1>/gs, " ")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'");
  return text
    .replace(/\s+/g, " ")
    .replace(/ ([.,:])/g, "$1")
    .trim();
}
