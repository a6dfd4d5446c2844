import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "../harness/environment.ts";
import { AUTHORIZATION } from "../harness/services.ts";
import { median, round, table } from "../harness/statistics.ts";
import { COLUMNS, compare, type Times } from "./comparison.ts";

const KINDS = ["unknown", "known", "unreachable", "resent"] as const;
type Kind = (typeof KINDS)[number];
/** A number of the first kind whose object does not exist. */
const NEW = "new";

/** WhatsApp's latency: short beside the real one, and enough that an answer without a message would show. */
const LATENCY_MS = 5;
/** The wait before a code is sent again, as the settings of this command have it. */
export const RESEND_AFTER_MS = 6_000;

const REDIRECT_URI = "https://app.example/callback";
/** The challenge of RFC 7636, appendix B. */
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** A browser with the first page before it. */
interface Visitor {
  readonly cookie: string;
  readonly flow: string;
}

/**
 * Sends the number's form of the sign-in page for numbers that the deployment has no verification of, for those of users, for
 * those that are not on WhatsApp, and for those whose code is sent again, in turns. Prints a table, and returns the figures
 * and whether the pages are alike too.
 */
export async function measurePage(environment: Environment, port: number, count: number) {
  const page = await Page.register(environment, port);
  await environment.setLatency(LATENCY_MS);
  await environment.setUnreachable(startOf("unreachable"));
  const times: Times<Kind | typeof NEW> = { unknown: [], known: [], unreachable: [], resent: [], new: [] };
  const pages = new Map<Kind | typeof NEW, Set<string>>();
  const resenders: Visitor[] = [];
  for (let index = 0; index < count; index += 1) {
    for (const kind of KINDS) await page.haveObject(numberOf(kind, index));
    const visitor = await page.open();
    await page.send(visitor, numberOf("resent", index));
    resenders.push(visitor);
    await page.signIn(numberOf("known", index));
  }
  await pause(RESEND_AFTER_MS);
  const kinds = [...KINDS, NEW] as const;
  for (let index = 0; index < count; index += 1) {
    // The order rotates, so that no kind always comes first.
    for (let turn = 0; turn < kinds.length; turn += 1) {
      const kind = kinds[(index + turn) % kinds.length] ?? NEW;
      const visitor = await page.open(kind === "resent" ? resenders[index]?.cookie : undefined);
      const to = numberOf(kind, index);
      const beganAt = performance.now();
      const shown = await page.send(visitor, to);
      times[kind].push(performance.now() - beganAt);
      const seen = pages.get(kind) ?? new Set();
      pages.set(kind, seen.add(withoutDetails(shown, to)));
    }
  }
  const { rows, figures, alike } = compare(KINDS, times);
  const heading = ["a number's form on the page, where it is", ...COLUMNS];
  console.log(table(heading, rows));
  console.log(
    `The first form for a number that was never seen takes ${round(median(times.new), 2)} ms (p50).`,
  );
  const different = new Set([...pages.values()].flatMap((seen) => [...seen]));
  const same_page = different.size === 1;
  return { forms: count * KINDS.length, same_page, ...figures, alike: alike && same_page };
}

/** The page of a client that is registered for it. */
class Page {
  readonly #environment: Environment;
  readonly #port: number;
  readonly #client: string;

  private constructor(environment: Environment, port: number, client: string) {
    [this.#environment, this.#port, this.#client] = [environment, port, client];
  }

  static async register(environment: Environment, port: number): Promise<Page> {
    const registered = await environment.http.post(port, {
      path: "/v1/oauth/clients",
      headers: AUTHORIZATION,
      body: { client_name: "Example", redirect_uris: [REDIRECT_URI] },
    });
    if (registered.status !== 201) throw new Error(registered.body);
    return new Page(environment, port, JSON.parse(registered.body).client_id);
  }

  /** @param cookie Of the browser; without it, a new one. */
  async open(cookie?: string): Promise<Visitor> {
    const query = new URLSearchParams({
      client_id: this.#client,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: "openid phone",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
    });
    const headers = cookie === undefined ? {} : { cookie };
    const page = await this.#environment.http.open(this.#port, `/oauth/authorize?${query}`, headers);
    const [given = ""] = page.headers["set-cookie"] ?? [];
    return { cookie: cookie ?? given.split(";")[0] ?? "", flow: flowOf(page.body) };
  }

  /** Sends the number's form. @returns the code's page */
  send(visitor: Visitor, number: string): Promise<string> {
    return this.#press("number", visitor, { number }, 200);
  }

  /** A user signs in, so that the number is known. */
  async signIn(number: string): Promise<void> {
    const visitor = await this.open();
    const flow = flowOf(await this.send(visitor, number));
    const codes = await this.#environment.takeCodes();
    await this.#press("code", { ...visitor, flow }, { code: codes[number] ?? "" }, 303);
  }

  /** Has the number's object exist, as a check of any code does. */
  async haveObject(to: string): Promise<void> {
    const body = { to, code: "0000" };
    const path = "/v1/verifications/check";
    const checked = await this.#environment.http.post(this.#port, { path, headers: AUTHORIZATION, body });
    if (checked.status !== 200) throw new Error(checked.body);
  }

  async #press(
    form: string,
    { cookie, flow }: Visitor,
    fields: Readonly<Record<string, string>>,
    expected: number,
  ): Promise<string> {
    const { status, body } = await this.#environment.http.post(this.#port, {
      path: `/oauth/authorize/${form}`,
      headers: { cookie, origin: `http://127.0.0.1:${this.#port}` },
      body: new URLSearchParams({ flow, ...fields }),
    });
    if (status !== expected) throw new Error(`The form ${form} was answered ${status}: ${body}`);
    return body;
  }
}

function startOf(kind: Kind | typeof NEW): string {
  return `+62813${[...KINDS, NEW].indexOf(kind) + 1}`;
}

function numberOf(kind: Kind | typeof NEW, index: number): string {
  return `${startOf(kind)}${1_000_000 + index}`;
}

function flowOf(html: string): string {
  return /name="flow" value="([\w-]+)"/.exec(html)?.[1] ?? "";
}

/** The page without what differs between any two: the number, the time of day, and the sealed flow, of which the length stays. */
function withoutDetails(html: string, to: string): string {
  const { length } = flowOf(html);
  return html
    .replace(/name="flow" value="[\w-]+"/g, `flow of ${length}`)
    .replaceAll(/<time.*?<\/time>/g, "<time>")
    .replaceAll(to.slice(3, 6), "812")
    .replaceAll(to.slice(6, 10), "1234")
    .replaceAll(to.slice(10), "5678");
}
