import type { Random } from "../../world/random.ts";
import { ADMIN_KEY } from "../../world/settings.ts";
import { FORM } from "../form.ts";
import type { Pool } from "../pool.ts";
import { type Answer, type Connection, type FuzzRequest, type Header, ISSUER } from "../request.ts";

/** A client of the page, as it is registered. */
interface RegisteredClient {
  readonly id: string;
  readonly secret: string;
}

/** Where alone the page may send a browser. */
export const REDIRECT_URIS = ["https://app.example/callback", "https://app.example/other?tenant=1"] as const;

/** The verifier and the challenge of RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/** The browser's name: one for all pages, so that the forms of each count. */
const COOKIE = `sandi=${"A".repeat(22)}`;

const FORMS = [
  "number",
  "number",
  "code",
  "code",
  "code",
  "resend",
  "state",
  "language",
  "message",
  "check",
  "instead",
  "cancel",
] as const;
const DETAILS = '[{"type":"payment","amount":"1.00","currency":"IDR","payee":"A"}]';
/** What any parameter may be instead. */
const ODD_VALUES = [
  "",
  "none",
  "login",
  "code id_token",
  "openid",
  "0",
  "-1",
  "\u0000",
  "\r\nLocation: https://evil.example",
  "https://evil.example/callback",
  "//evil.example",
  "urn:ietf:params:oauth:request_uri:x",
  "[{}]",
  "null",
  "%",
  "\ud800",
  "x".repeat(3_000),
  "+6281234567890",
] as const;
const FURTHER_PARAMETERS = [
  "response_mode",
  "prompt",
  "max_age",
  "login_hint",
  "id_token_hint",
  "ui_locales",
  "claims",
  "display",
  "authorization_details",
  "request",
  "registration",
  "__proto__",
] as const;
const DOCUMENTS = ["openid-configuration", "oauth-authorization-server", "jwks.json"] as const;
const MAX_KEPT = 50;

type Fields = Record<string, string>;

/** Requests of browsers to the page of sign-in, and of its client to the endpoints beside it. */
export class SignInRequests {
  readonly #random: Random;
  readonly #pool: Pool;
  readonly #client: RegisteredClient;
  /** What the forms of pages carry, with the numbers that the pages name. */
  readonly #flows: (readonly [flow: string, number: string])[] = [];
  readonly #codes: string[] = [];
  readonly #tokens: string[] = [];
  readonly #requestUris: string[] = [];

  private constructor(random: Random, pool: Pool, client: RegisteredClient) {
    [this.#random, this.#pool, this.#client] = [random, pool, client];
  }

  /** Registers the client, which no other request may change or delete. */
  static async open(connection: Connection, random: Random, pool: Pool): Promise<SignInRequests> {
    const body = {
      client_name: "Example",
      redirect_uris: REDIRECT_URIS,
      purpose: "page",
      authorization_details_types: ["payment"],
    };
    const answer = await connection.send({
      method: "POST",
      target: "/v1/oauth/clients",
      headers: [
        ["authorization", `Bearer ${ADMIN_KEY}`],
        ["content-type", "application/json"],
      ],
      body: Buffer.from(JSON.stringify(body)),
      signer: null,
      operation: null,
    });
    if (typeof answer === "string" || answer.status !== 201) throw new Error("No client was registered");
    const { client_id: id, client_secret: secret } = JSON.parse(answer.text) as Record<string, string>;
    const client = { id: id ?? "", secret: secret ?? "" };
    pool.protect(client.id);
    return new SignInRequests(random, pool, client);
  }

  /** Keeps what later requests carry on. */
  learn({ text, headers }: Answer): void {
    const flow = /name="flow" value="([\w-]+)"/.exec(text)?.[1];
    const number = /\+62[ \d]{8,}/.exec(text)?.[0].replaceAll(" ", "") ?? "";
    if (flow !== undefined) keep(this.#flows, [flow, number]);
    const code = /[?&]code=([\w-]+)/.exec(headers.location ?? "")?.[1];
    if (code !== undefined) keep(this.#codes, code);
    const token = /"access_token":"([\w-]+)"/.exec(text)?.[1];
    if (token !== undefined) keep(this.#tokens, token);
    const requestUri = /"request_uri":"([^"]+)"/.exec(text)?.[1];
    if (requestUri !== undefined) keep(this.#requestUris, requestUri);
  }

  make(): FuzzRequest {
    const dice = this.#random.next();
    if (dice < 0.3) return this.#authorize();
    if (dice < 0.65) return this.#form();
    if (dice < 0.8) return this.#token();
    if (dice < 0.88) return this.#clientCall("/oauth/par", this.#changed(this.#request(), 0.4));
    if (dice < 0.96) return this.#userinfo();
    return request("GET", `/.well-known/${this.#random.pick(DOCUMENTS)}`);
  }

  #authorize(): FuzzRequest {
    const random = this.#random;
    const isPushed = this.#requestUris.length > 0 && random.chance(0.2);
    const fields = isPushed
      ? { client_id: this.#client.id, request_uri: pickFrom(this.#requestUris, random) ?? "" }
      : this.#request();
    const parameters = this.#changed(fields, 0.5);
    const headers: Header[] = random.chance(0.9) ? [["cookie", COOKIE]] : [];
    return random.chance(0.8)
      ? request("GET", `/oauth/authorize?${parameters}`, headers)
      : request("POST", "/oauth/authorize", headers, parameters);
  }

  /** An authentication request that is valid. */
  #request(): Fields {
    const fields: Fields = {
      client_id: this.#client.id,
      redirect_uri: this.#random.pick(REDIRECT_URIS),
      response_type: "code",
      scope: "openid phone",
      state: "state",
      nonce: "nonce",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
    };
    if (this.#random.chance(0.2)) fields.login_hint = this.#pool.number();
    if (this.#random.chance(0.1)) fields.authorization_details = DETAILS;
    return fields;
  }

  #form(): FuzzRequest {
    const random = this.#random;
    const [flow, number] = pickFrom(this.#flows, random) ?? ["", ""];
    const fields: Fields = { flow };
    const form = random.pick(FORMS);
    if (form === "number") Object.assign(fields, { number: this.#pool.number(), country: "ID" });
    if (form === "code") fields.code = this.#pool.codeTo(number) ?? "482913";
    if (form === "resend" && random.chance(0.3)) fields.channel = random.pick(["sms", "whatsapp", "pigeon"]);
    if (random.chance(0.1)) fields.step = random.pick(["number", "code", "message"]);
    if (form === "language") fields.language = random.pick(["ar", "de", "xx"]);
    const headers: Header[] = [
      ...(random.chance(0.95) ? [["cookie", COOKIE] as const] : []),
      ["origin", random.chance(0.95) ? ISSUER : "https://evil.example"],
    ];
    return request("POST", `/oauth/authorize/${form}`, headers, this.#changed(fields, 0.2));
  }

  #token(): FuzzRequest {
    const fields = {
      grant_type: "authorization_code",
      code: pickFrom(this.#codes, this.#random) ?? "c",
      redirect_uri: this.#random.pick(REDIRECT_URIS),
      code_verifier: VERIFIER,
    };
    return this.#clientCall("/oauth/token", this.#changed(fields, 0.3));
  }

  #clientCall(path: string, form: URLSearchParams): FuzzRequest {
    const { id, secret } = this.#client;
    const dice = this.#random.next();
    if (dice < 0.1) form.append("client_secret", secret);
    const authorization: Header = ["authorization", `Basic ${btoa(`${id}:${dice < 0.15 ? "x" : secret}`)}`];
    return request("POST", path, dice < 0.05 ? [] : [authorization], form);
  }

  #userinfo(): FuzzRequest {
    const token = pickFrom(this.#tokens, this.#random) ?? "x";
    const headers: Header[] = this.#random.chance(0.9) ? [["authorization", `Bearer ${token}`]] : [];
    return request(this.#random.pick(["GET", "POST", "OPTIONS"]), "/oauth/userinfo", headers);
  }

  /** @param share How often something is changed. */
  #changed(fields: Fields, share: number): URLSearchParams {
    const random = this.#random;
    const parameters = new URLSearchParams(fields);
    while (random.chance(share)) {
      const name = random.pick([...FURTHER_PARAMETERS, ...Object.keys(fields)]);
      const dice = random.next();
      if (dice < 0.2) parameters.delete(name);
      else if (dice < 0.4) parameters.append(name, random.pick(ODD_VALUES));
      else parameters.set(name, random.pick(ODD_VALUES));
    }
    return parameters;
  }
}

function request(
  method: string,
  target: string,
  headers: readonly Header[] = [],
  form: URLSearchParams | null = null,
): FuzzRequest {
  const type: readonly Header[] = form === null ? [] : [["content-type", FORM]];
  const body = form === null ? null : Buffer.from(form.toString());
  return { method, target, headers: [...headers, ...type], body, signer: null, operation: null };
}

function pickFrom<Item>(list: readonly Item[], random: Random): Item | undefined {
  return list[random.below(list.length)];
}

function keep<Item>(list: Item[], item: Item): void {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}
