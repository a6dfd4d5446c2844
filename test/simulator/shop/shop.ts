/** The sample app of `npm run dev`: a shop whose users sign in and confirm payments on the Worker's page. */
import { readFile } from "node:fs/promises";
import { type Context, Hono } from "hono";
import * as oidc from "openid-client";
import { type Registrar, registerShop, type ShopClients } from "./clients.ts";
import { ORDER, shopPage } from "./page.ts";
import { type BegunRequest, beginPayment, beginSignIn, connect, finish } from "./relying-party.ts";
import { Sessions } from "./sessions.ts";

export interface ShopOptions extends Omit<Registrar, "redirectUri"> {
  /** The port that it is served on, under `/shop`. */
  readonly port: number;
}

export interface Shop {
  readonly url: string;
  /** Its routes, relative to `/shop`. */
  readonly app: Hono;
  /** Registers its clients. Until then every page says that they are missing. */
  register(): Promise<void>;
}

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

const FILES = {
  "style.css": "text/css; charset=utf-8",
  "phone.js": "text/javascript; charset=utf-8",
} as const;

/** A shop on `localhost`, which for a browser is another site than the Worker's 127.0.0.1. */
export function createShop(options: ShopOptions): Shop {
  const origin = `http://localhost:${options.port}`;
  const url = `${origin}/shop`;
  const redirectUri = `${url}/callback`;
  const sessions = new Sessions();
  const providers = new Map<keyof ShopClients, oidc.Configuration>();
  let clients: ShopClients | undefined;

  const provider = async (by: keyof ShopClients): Promise<oidc.Configuration> => {
    if (clients === undefined)
      throw new Error("The shop's clients are not registered. The terminal says why.");
    const known = providers.get(by) ?? (await connect(options.api, clients[by]));
    providers.set(by, known);
    return known;
  };
  const show = (c: Context, languages: readonly string[], more: { readonly fault?: string } = {}) =>
    shopPage({ ...sessions.read(c), ...more, languages, phone: `http://127.0.0.1:${options.port}` });
  const go = (c: Context, by: keyof ShopClients, { url: to, pending }: BegunRequest) => {
    sessions.change(c, { pending: { ...pending, by }, fault: null });
    return c.redirect(to.href, 303);
  };

  const app = new Hono();
  app.use(async (c, next) => {
    // The phone's page has the same port, on 127.0.0.1.
    const { hostname, pathname, search } = new URL(c.req.url);
    if (hostname !== "localhost") return c.redirect(origin + pathname + search);
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });
  app.onError((error, c) => c.html(show(c, [], { fault: error.message }), 500));

  app.get("/", async (c) => {
    const languages = (await provider("signIn")).serverMetadata().ui_locales_supported ?? [];
    return c.html(show(c, languages));
  });
  app.get("/sign-in", async (c) => {
    const language = c.req.query("ui_locales") ?? "";
    const more: Record<string, string> = language === "" ? {} : { ui_locales: language };
    return go(c, "signIn", await beginSignIn(await provider("signIn"), redirectUri, more));
  });
  app.post("/pay", async (c) => {
    const number = sessions.read(c).user?.claims.phone_number;
    // The number that signed in is the one that pays; without it, the page asks for one.
    const more: Record<string, string> = typeof number === "string" ? { login_hint: number } : {};
    return go(c, "payment", await beginPayment(await provider("payment"), redirectUri, ORDER, more));
  });
  app.get("/callback", async (c) => {
    const { pending } = sessions.read(c);
    if (pending !== null) {
      try {
        const identity = await finish(await provider(pending.by), new URL(c.req.url), pending);
        sessions.change(c, {
          pending: null,
          ...(pending.by === "payment" ? { receipt: identity } : { user: identity, receipt: null }),
        });
      } catch (error) {
        sessions.change(c, { pending: null, fault: explain(error) });
      }
    }
    return c.redirect("/shop", 303);
  });
  app.post("/sign-out", (c) => {
    sessions.end(c);
    return c.redirect("/shop", 303);
  });
  for (const [name, type] of Object.entries(FILES)) {
    app.get(`/${name}`, async (c) =>
      c.body(await readFile(new URL(name, import.meta.url)), 200, { "content-type": type }),
    );
  }

  return {
    url,
    app,
    async register() {
      clients = await registerShop({ ...options, redirectUri });
    },
  };
}

function explain(error: unknown): string {
  if (!(error instanceof oidc.AuthorizationResponseError)) return String(error);
  if (error.error === "access_denied") return "You canceled. Nothing was confirmed.";
  return `${error.error}: ${error.error_description ?? ""}`;
}
