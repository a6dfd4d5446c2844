import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { unknownRoute } from "../base-app.ts";
import { limitBody } from "../body.ts";
import type { AppEnv } from "../context.ts";
import { authorize, needsBinding } from "./authorize.ts";
import {
  answerCancel,
  answerCode,
  answerForm,
  answerLanguage,
  answerNumber,
  answerResend,
  answerState,
} from "./forms.ts";
import { answerCheck, answerInstead, answerMessage } from "./message-forms.ts";
import { ANSWER_HEADERS } from "./oauth-error.ts";
import { pushRequest } from "./pushed-request.ts";
import { exchangeCode } from "./token.ts";
import { answerUserInfo } from "./userinfo.ts";
import type { PageDependencies, Visit } from "./visit.ts";

const LARGEST_BODY_BYTES = 16 * 1024;

/** For files whose address changes with their content. */
const FOR_GOOD = "public, max-age=31536000, immutable";

export interface SignInDependencies extends PageDependencies {
  /** The issuer whose routes a request to this address may use; null on every other origin. */
  readonly issuerAt: (url: string) => string | null;
  readonly assets: Pick<Fetcher, "fetch">;
}

const FORMS = {
  number: answerNumber,
  code: answerCode,
  resend: answerResend,
  state: answerState,
  language: answerLanguage,
  message: answerMessage,
  check: answerCheck,
  instead: answerInstead,
  cancel: answerCancel,
} as const;

/** The OpenID Provider's endpoints and its page. At other origins than the issuer's there are none. */
export function signIn(deps: SignInDependencies): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const limit = limitBody(LARGEST_BODY_BYTES);

  /** Binds an endpoint to its route. */
  const on = (methods: string[], path: string, answer: (visit: Visit) => Promise<Response>) =>
    app.on(methods, path, async (c: Context<AppEnv>) => {
      const issuer = deps.issuerAt(c.req.url);
      if (issuer === null) throw unknownRoute(c.req.method);
      c.set("route", `${c.req.method} ${path}`);
      // Hono makes a new request of the body that it has measured, and a GET may have none (Fetch Standard).
      if (c.req.method === "POST") await limit(c, async () => {});
      const background = (work: Promise<unknown>) => c.executionCtx.waitUntil(work.catch(() => {}));
      return answer({ request: c.req.raw, issuer, now: Date.now(), deps, background });
    });

  on(["GET", "POST"], "/oauth/authorize", authorize);
  for (const [name, handle] of Object.entries(FORMS)) {
    on(["POST"], `/oauth/authorize/${name}`, (visit) => answerForm(visit, handle));
  }
  on(["POST"], "/oauth/par", ({ request }) =>
    pushRequest(request, deps, (client) => needsBinding(client, { deps })),
  );
  on(["POST"], "/oauth/token", ({ request, issuer }) => exchangeCode(request, issuer, deps));
  on(["GET", "POST"], "/oauth/userinfo", ({ request }) => answerUserInfo(request, deps));
  for (const path of ["/oauth/token", "/oauth/userinfo"]) {
    on(["OPTIONS"], path, async () => new Response(null, { status: 204, headers: PREFLIGHT_HEADERS }));
  }
  for (const path of ["/style.css", "/script.js", "/logos/:logo"]) {
    on(["GET"], `/oauth${path}`, async ({ request }) => {
      const url = new URL(request.url);
      const asset = new URL(url.pathname.replace("/oauth", "/sign-in"), url);
      const file = await deps.assets.fetch(new Request(asset, request));
      if (file.status === 404) throw unknownRoute("GET");
      const response = new Response(file.body, file);
      response.headers.set("cache-control", FOR_GOOD);
      return response;
    });
  }
  return app;
}

/** Pages of clients that run in the browser alone call these endpoints (Fetch Standard, CORS protocol). */
const PREFLIGHT_HEADERS = {
  ...ANSWER_HEADERS,
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};
