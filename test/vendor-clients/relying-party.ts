import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { signInByForms } from "../world/sign-in.ts";

const ADMIN_KEY = "local-development-only-admin-key";

/** `npm run dev` may write a file while it stops. */
const CLEAN_UP = { recursive: true, force: true, maxRetries: 10 };

/** Nothing listens there: a test reads the address that the provider sends the browser to. */
export const CALLBACK = "http://127.0.0.1:9/callback";

export interface Registered {
  readonly client_id: string;
  readonly client_secret: string | null;
}

/** `npm run dev` as relying parties see it, and a user whose browser is played by form posts. */
export class Provider {
  #dev: DevProcess | undefined;
  #state = "";
  #drawn = 0;

  async start(): Promise<void> {
    this.#state = await mkdtemp(join(tmpdir(), "sandi-relying-party-"));
    this.#dev = await startDev(await freePorts(), this.#state);
  }

  async stop(): Promise<void> {
    await this.#dev?.signalAll("SIGTERM");
    await rm(this.#state, CLEAN_UP);
  }

  get issuer(): string {
    return this.#dev?.api ?? "";
  }

  async register(fields: object = {}): Promise<Registered> {
    const response = await fetch(`${this.issuer}/v1/oauth/clients`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ client_name: "Example Shop", redirect_uris: [CALLBACK], ...fields }),
    });
    expect(response.status).toBe(201);
    const { client_id = "", client_secret = null } = (await response.json()) as Partial<Registered>;
    return { client_id, client_secret };
  }

  newNumber(): string {
    this.#drawn += 1;
    return `+6281230${String(100_000 + this.#drawn)}`;
  }

  /** {@link signInByForms} at this provider. */
  async signInAt(url: URL, number: string, isFixed = false): Promise<URL> {
    if (this.#dev === undefined) throw new Error("npm run dev has not been started");
    return signInByForms(this.#dev, url, number, isFixed);
  }
}

/** Starts a provider for the tests of a file. */
export function useProvider(): Provider {
  const provider = new Provider();
  beforeAll(() => provider.start(), 120_000);
  afterAll(() => provider.stop());
  return provider;
}
