import type { Connection, Reply } from "../environment/connection.ts";

/** A page of the sign-in as a browser shows it, or the redirect that it follows. */
export interface Page {
  readonly status: number;
  readonly text: string;
  /** What the page's forms carry; null where it has none. */
  readonly flow: string | null;
  /** Where it leads; null for a page. */
  readonly location: URL | null;
}

/** A browser with its cookie, which comes to the page of the sign-in and sends its forms. */
export class Browser {
  /** Unique in a run. */
  readonly name: string;
  readonly #connection: Connection;
  readonly #origin: string;
  #cookie: string | null = null;

  /** @param origin The issuer's. */
  constructor(name: string, connection: Connection, origin: string) {
    [this.name, this.#connection, this.#origin] = [name, connection, origin];
  }

  /** Follows an app's redirect to the page. @returns null without a response */
  async open(query: URLSearchParams): Promise<Page | null> {
    return this.#send("GET", `/oauth/authorize?${query}`);
  }

  /** Sends a form of a page, which may be that of another browser. @returns null without a response */
  async press(
    { flow }: Page,
    form: "number" | "code" | "resend" | "cancel",
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Page | null> {
    return this.#send(
      "POST",
      `/oauth/authorize/${form}`,
      new URLSearchParams({ flow: flow ?? "", ...fields }),
    );
  }

  async #send(method: string, path: string, form?: URLSearchParams): Promise<Page | null> {
    await this.#connection.whenUp();
    const headers: Record<string, string> = { "accept-language": "en" };
    if (this.#cookie !== null) headers.cookie = this.#cookie;
    if (form !== undefined) {
      headers.origin = this.#origin;
      headers["content-type"] = "application/x-www-form-urlencoded";
    }
    const reply = await this.#connection.send(method, path, headers, form?.toString());
    const [given] = reply?.headers["set-cookie"] ?? [];
    if (given !== undefined) this.#cookie = given.split(";")[0] ?? null;
    return reply && toPage(reply);
  }
}

function toPage({ status, text, headers }: Reply): Page {
  const flow = /name="flow" value="([\w-]+)"/.exec(text)?.[1] ?? null;
  const { location } = headers;
  return { status, text, flow, location: location === undefined ? null : new URL(location) };
}
