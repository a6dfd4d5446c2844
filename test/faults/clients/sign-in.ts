import { createHash } from "node:crypto";
import type { Environment } from "../environment/environment.ts";
import { REDIRECT_URI, type RelyingParty } from "../environment/set-up.ts";
import type { Operation, PageForm, RedemptionKind, RequestKind, SignInHistory } from "../history.ts";
import { forbiddenNumber } from "../people.ts";
import { findLeaks, sixDigitsIn } from "../secrets.ts";
import { apiRequest } from "./api.ts";
import { Browser, type Page } from "./browser.ts";
import type { User } from "./user.ts";

const VERIFIER_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
const PAYMENT = { type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
const FORM = "application/x-www-form-urlencoded";

export function newBrowser({ services }: Environment): Browser {
  const { history, connection, origin } = services;
  return new Browser(`browser ${history.now().order}`, connection, origin);
}

/** A user who signs in to an app through the page, and the app. */
export class SignIn {
  readonly browser: Browser;
  readonly history: SignInHistory;
  readonly #user: User;
  readonly #environment: Environment;
  readonly #party: RelyingParty;
  readonly #verifier: string;
  /** The verifications whose messages were on the phone before. */
  readonly #earlier: ReadonlySet<string>;
  /** Of the number's form, or the code's. */
  #page: Page | null = null;
  /** By how many pages a code was asked for: a form of each is remembered by itself. */
  #sends = 0;
  #authorizationCode: string | null = null;

  constructor(
    user: User,
    environment: Environment,
    party: RelyingParty = environment.services.relyingParties.main,
    browser: Browser = newBrowser(environment),
  ) {
    [this.#user, this.#environment, this.#party, this.browser] = [user, environment, party, browser];
    this.#verifier = user.random.text(VERIFIER_CHARACTERS, 43);
    this.#earlier = new Set(this.#messages.map(({ reference }) => idOf(reference)));
    this.history = {
      number: user.number,
      id: null,
      approvedAt: null,
      redemptions: [],
      introductions: [],
      told: [],
    };
    environment.services.history.signIns.push(this.history);
  }

  /** The app sends the browser to the page. An app with payments pushes the request before. */
  async open(): Promise<void> {
    const request = new URLSearchParams({
      client_id: this.#party.id,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: "openid phone",
      code_challenge: createHash("sha256").update(this.#verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    if (this.#party.purpose !== "transaction") return this.#turnTo(await this.browser.open(request));
    request.set("authorization_details", JSON.stringify([PAYMENT]));
    const pushed = await this.#post("/oauth/par", request, this.#party, this.#party.secret);
    const { request_uri: uri } = pushed?.status === 201 ? JSON.parse(pushed.text) : {};
    if (uri === undefined) return;
    this.#turnTo(
      await this.browser.open(new URLSearchParams({ client_id: this.#party.id, request_uri: uri })),
    );
  }

  /** Sends the number's form, or asks for the code again. */
  async sendCode(form: "number" | "resend" = "number"): Promise<void> {
    const fields = form === "number" ? { number: this.#user.spell() } : {};
    this.#turnTo(await this.#press(form === "number" ? "start" : "resend", form, fields));
    this.#sends += 1;
  }

  /** The code on the phone; null while no message of this sign-in has come. */
  get code(): string | null {
    const first = this.#messages.find(({ reference }) => !this.#earlier.has(idOf(reference)));
    this.history.id ??= first === undefined ? null : idOf(first.reference);
    return this.#messages.findLast(({ reference }) => idOf(reference) === this.history.id)?.code ?? null;
  }

  /**
   * Sends the code's form. The right code leads the browser back to the app, also when the same form is sent again.
   *
   * @param owner The browser whose code it is.
   */
  async enter(code: string, owner: Browser = this.browser): Promise<void> {
    const key = `${this.#sends} ${code}`;
    const answered = await this.#press("check", "code", { code }, { owner, code, key });
    const given = answered?.location?.searchParams.get("code") ?? null;
    if (given === null) return;
    this.#authorizationCode = given;
    this.history.approvedAt ??= this.#environment.services.history.now();
  }

  /** Has the operator read the verification. */
  async read(): Promise<void> {
    if (this.history.id !== null) await this.#user.operator.read(this.history.id);
  }

  async cancel(): Promise<void> {
    await this.#press("cancel", "cancel");
  }

  /** Another browser sends the forms of this one's page, for a number of its own and with the right code. */
  async sendFrom(thief: Browser): Promise<void> {
    const number = forbiddenNumber(2_000 + this.#user.random.below(1_000));
    await this.#press("start", "number", { number }, { sender: thief, kind: "other_session", number });
    const { code } = this;
    if (code === null) return;
    await this.#press("check", "code", { code }, { sender: thief, kind: "other_session", code });
  }

  /** The app exchanges the newest authorization code, or a thief of it does. */
  async redeem(kind: RedemptionKind = "valid"): Promise<void> {
    if (this.#authorizationCode === null) return;
    const { history, relyingParties } = this.#environment.services;
    const { other } = relyingParties;
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      code: this.#authorizationCode,
      redirect_uri: REDIRECT_URI,
      code_verifier: kind === "wrong_verifier" ? this.#verifier.padEnd(44, "x") : this.#verifier,
    });
    const party = kind === "other_client" ? other : this.#party;
    const startedAt = history.now();
    const reply = await this.#post(
      "/oauth/token",
      form,
      party,
      kind === "wrong_secret" ? other.secret : party.secret,
    );
    const body = read(reply?.text);
    this.history.redemptions.push({
      kind,
      startedAt,
      endedAt: history.now(),
      status: reply?.status ?? null,
      error: body.error ?? null,
      accessToken: body.access_token ?? null,
    });
    const [, claims = ""] = body.id_token?.split(".") ?? [];
    if (claims !== "") this.#told(Buffer.from(claims, "base64url").toString());
  }

  /** The app asks who has signed in, with every access token that it has got. */
  async introduce(): Promise<void> {
    const { history, connection } = this.#environment.services;
    for (const { accessToken } of this.history.redemptions) {
      if (accessToken === null) continue;
      await connection.whenUp();
      const startedAt = history.now();
      const headers = { authorization: `Bearer ${accessToken}` };
      const reply = await connection.send("GET", "/oauth/userinfo", headers);
      const status = reply?.status ?? null;
      this.history.introductions.push({ accessToken, startedAt, endedAt: history.now(), status });
      if (reply?.status === 200) this.#told(reply.text);
    }
  }

  #told(claims: string): void {
    const { sub, phone_number: number } = JSON.parse(claims) as { sub: string; phone_number: string };
    this.history.told.push({ sub, number });
  }

  #turnTo(page: Page | null): void {
    if (page !== null && page.flow !== null && page.status < 400) this.#page = page;
  }

  get #messages() {
    return this.#environment.services.provider.messagesOf(this.#user.number);
  }

  /** Sends a form of the page, and records it. */
  async #press(
    operation: Operation,
    form: Parameters<Browser["press"]>[1],
    fields: Readonly<Record<string, string>> = {},
    about: FormDetails = {},
  ): Promise<Page | null> {
    if (this.#page === null) return null;
    const { history } = this.#environment.services;
    const { sender = this.browser, owner = this.browser, kind = "valid", number = this.#user.number } = about;
    const { app, purpose } = this.#party;
    const { code, key: idempotencyKey } = about;
    const details = { id: this.history.id, app, purpose, code, idempotencyKey };
    const startedAt = history.now();
    const page = await sender.press(this.#page, form, fields);
    const text = page?.text ?? "";
    history.calls.push({
      ...apiRequest(operation, kind, number, details),
      caller: sender.name,
      startedAt,
      endedAt: history.now(),
      status: page?.status ?? null,
      shown: [],
      problem: null,
      sixDigits: sixDigitsIn(text),
      page: { browser: sender.name, owner: owner.name, shows: code === undefined ? null : readOutcome(page) },
    });
    history.leaks.push(...findLeaks(text, `the page after the form ${form}`, ["code"]));
    return page;
  }

  async #post(path: string, form: URLSearchParams, { id }: RelyingParty, secret: string) {
    const { connection } = this.#environment.services;
    await connection.whenUp();
    const authorization = `Basic ${btoa(`${id}:${secret}`)}`;
    return connection.send("POST", path, { authorization, "content-type": FORM }, form.toString());
  }
}

interface FormDetails {
  /** The browser that sends it, if not the one that got the page. */
  readonly sender?: Browser;
  readonly owner?: Browser;
  readonly kind?: RequestKind;
  readonly number?: string;
  readonly code?: string;
  readonly key?: string;
}

/** What a page says about a code, in the words of docs/sign-in.md. */
function readOutcome(page: Page | null): PageForm["shows"] {
  if (page === null || page.status >= 500) return null;
  if (page.location?.searchParams.has("code")) return "approved";
  if (page.text.includes("That code is not right.")) return "wrong";
  return page.text.includes("Too many wrong codes.") ? "exhausted" : "idle";
}

interface TokenBody {
  readonly error?: string;
  readonly access_token?: string;
  readonly id_token?: string;
}

function read(text: string | undefined): TokenBody {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}

function idOf(reference: string): string {
  return reference.split(".")[0] ?? "";
}
