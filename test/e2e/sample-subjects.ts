import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { Webhook } from "standardwebhooks";
import { expect, vi } from "vitest";
import { placeholdersIn } from "../../src/build/docs/samples/path.ts";
import { signInByForms } from "../world/sign-in.ts";
import { OPERATIONS, type Operation } from "./openapi.ts";
import type { SampleRunner } from "./samples.ts";

/** The number and the code of all samples. */
const NUMBER = "+6281234567890";
const CODE = "482913";
/** A notification that the starter set has a template for. */
export const SHIPPING_UPDATE = {
  template: "shipping_update",
  parameters: { name: "Ana", order: "A-77" },
} as const;

/** What a sample is run with. */
export interface Subject {
  /** By the words of each placeholder of the path, something that exists. */
  readonly values: readonly (readonly [words: readonly string[], value: string])[];
  /** The sample, about this subject. */
  localise(code: string): string;
}

/** Another number each time, so that no limit of one is reached. */
export function newNumber(): string {
  return `+62812${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
}

/** Starts a verification as Twilio's clients do, and returns its SID. */
export async function startedByTwilio(runner: SampleRunner, number: string): Promise<string> {
  const form = new URLSearchParams({ To: number, Channel: "whatsapp" });
  return (await runner.call("POST", "/twilio/v2/Services/login/Verifications", form, "Basic")).sid;
}

/** Makes what the samples are about, on a deployment under `npm run dev`. */
export class Subjects {
  readonly #runner: SampleRunner;
  /** Where a test receives events, and the endpoint through which it does. */
  readonly #receiver: { readonly url: string; readonly endpointId: string };

  constructor(runner: SampleRunner, receiver: { readonly url: string; readonly endpointId: string }) {
    this.#runner = runner;
    this.#receiver = receiver;
  }

  async for(operation: Operation): Promise<Subject> {
    const number = newNumber();
    const { operationId, path, tags } = operation;
    const replacements = new Map([
      [NUMBER, number],
      [NUMBER.slice(1), number.slice(1)],
      ["https://shop.example.com", this.#receiver.url],
    ]);
    // WhatsApp takes free texts from the user's message on.
    if (operationId === "sendMessage") await this.write(number);
    if (operationId === "validateCamaraCode") {
      const body = { phoneNumber: number, message: "{{code}}" };
      const sent = await this.#runner.call("POST", "/camara/one-time-password-sms/v1/send-code", body);
      replacements.set("1d549fb6-358d-6651-6f20-04b7dea96107", sent.authenticationId);
    }
    if (["checkVerificationByNumber", "checkTwilioVerification"].includes(operationId))
      await this.#start(number);
    const values: [readonly string[], string][] = [];
    if (tags.includes("openid-connect")) await this.#signIn(operationId, number, replacements, values);
    for (const words of placeholdersIn(path))
      values.push([words, await this.#make(words.join(" "), operation, number)]);
    if (/^(check|validate)/.test(operationId)) replacements.set(CODE, await this.#runner.codeFor(number));
    return {
      values,
      localise: (code) => [...replacements].reduce((text, [from, to]) => text.replaceAll(from, to), code),
    };
  }

  /** A user writes to the business. */
  write(from: string, text = "Where is my parcel?"): Promise<void> {
    return this.simulate("/_sim/inbound", { from, text });
  }

  /** Tells the simulator what happens at WhatsApp. */
  async simulate(path: string, body: object): Promise<void> {
    await fetch(this.#runner.dev.phone + path, { method: "POST", body: JSON.stringify(body) });
  }

  async #start(to: string): Promise<string> {
    return (await this.#runner.call("POST", "/v1/verifications", { to })).id;
  }

  async #make(what: string, operation: Operation, to: string): Promise<string> {
    const { operationId, method } = operation;
    switch (what) {
      case "verification id":
        return this.#start(to);
      case "verification sid":
        return startedByTwilio(this.#runner, to);
      case "service sid":
        return "login";
      case "request id": {
        const workflow = [
          { channel: "whatsapp", to },
          { channel: "sms", to },
        ];
        const started = await this.#runner.call(
          "POST",
          "/vonage/v2/verify",
          { brand: "ACME", workflow },
          "Basic",
        );
        return started.request_id;
      }
      case "notification id":
        return (await this.#runner.call("POST", "/v1/notifications", { to, ...SHIPPING_UPDATE })).id;
      case "batch id": {
        const { template, parameters } = SHIPPING_UPDATE;
        const batch = { template, recipients: [{ to, parameters }] };
        return (await this.#runner.call("POST", "/v1/notifications/batches", batch)).id;
      }
      case "template name":
        return this.#template(operationId, method);
      case "list name":
        return "block";
      case "entry id": {
        const entry = { prefix: "+88216", note: "A sample." };
        return (await this.#runner.call("POST", "/v1/guard/lists/block", entry)).id;
      }
      case "webhook endpoint id": {
        if (operationId.includes("Deliver")) return this.#receiver.endpointId;
        return (await this.#runner.call("POST", "/v1/webhook-endpoints", { url: this.#receiver.url })).id;
      }
      case "delivery id":
        await this.#start(to);
        return this.#delivery();
      case "key id":
        return (await this.#runner.call("POST", "/v1/keys", { name: "A sample", scopes: ["reports"] })).id;
      case "client id": {
        const client = { client_name: "A sample", redirect_uris: [`${this.#receiver.url}/callback`] };
        return (await this.#runner.call("POST", "/v1/oauth/clients", client)).client_id;
      }
      default:
        throw new Error(`Say how to make a ${what}`);
    }
  }

  /** Registers a client and, for what comes after the page, signs a user in. */
  async #signIn(
    operationId: string,
    number: string,
    replacements: Map<string, string>,
    values: [readonly string[], string][],
  ): Promise<void> {
    const redirect_uri = `${this.#receiver.url}/callback`;
    const registration = { client_name: "A sample", redirect_uris: [redirect_uri] };
    const { client_id, client_secret } = await this.#runner.call("POST", "/v1/oauth/clients", registration);
    const address = new URL(this.#runner.sample("Request: Send a user to sign in").replaceAll(/\s/g, ""));
    replacements.set(address.searchParams.get("client_id") ?? "", client_id);
    replacements.set("shop.example.com", new URL(redirect_uri).host);
    replacements.set(encodeURIComponent("https://"), encodeURIComponent("http://"));
    values.push([["client", "id"], client_id], [["client", "secret"], client_secret]);
    if (!["exchangeCode", "readUserInfo"].includes(operationId)) return;
    const { dev } = this.#runner;
    address.searchParams.set("client_id", client_id);
    address.searchParams.set("redirect_uri", redirect_uri);
    const code = (await signInByForms(dev, address, number)).searchParams.get("code") ?? "";
    const exchange = exampleOf("exchangeCode");
    replacements.set(exchange.code ?? "", code);
    if (operationId !== "readUserInfo") return;
    const tokens = await fetch(`${dev.api}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
      body: new URLSearchParams({ ...exchange, code, redirect_uri }),
    });
    const { access_token } = (await tokens.json()) as { access_token: string };
    values.push([["access", "token"], access_token]);
  }

  async #template(operationId: string, method: string): Promise<string> {
    if (method === "get") return SHIPPING_UPDATE.template;
    const name = `sample_${crypto.randomUUID().slice(0, 8)}`;
    if (operationId === "deleteTemplate") {
      const draft = { category: "authentication", languages: ["en_US"] };
      await this.#runner.call("PUT", `/v1/templates/${name}`, draft);
    }
    return name;
  }

  #delivery(): Promise<string> {
    const path = `/v1/webhook-endpoints/${this.#receiver.endpointId}/deliveries`;
    return vi.waitFor(
      async () => {
        const { data } = await this.#runner.call("GET", path);
        expect(data).not.toEqual([]);
        return data[0].id;
      },
      { timeout: 20_000, interval: 200 },
    );
  }
}

/** The documented form of an operation. */
function exampleOf(operationId: string): Readonly<Record<string, string>> {
  const operation = OPERATIONS.find((candidate) => candidate.operationId === operationId);
  return Object(Object.values(operation?.requestBody?.content ?? {})[0]?.example);
}

/** The headers with which a platform signs the call of its hook, with the secrets for local development. */
export async function signatureOf(operationId: string, body: string): Promise<Record<string, string>> {
  const secrets = parseEnv(await readFile(".dev.vars", "utf8"));
  const now = new Date();
  const seconds = String(Math.floor(now.getTime() / 1000));
  const hmac = (secret = "", text: string) => createHmac("sha256", secret).update(text).digest("hex");
  const standard = (secret = "", prefix: string) => ({
    [`${prefix}-id`]: "msg_sample",
    [`${prefix}-timestamp`]: seconds,
    [`${prefix}-signature`]: new Webhook(secret.replace(/^v1,/, "")).sign("msg_sample", now, body),
  });
  switch (operationId) {
    case "supabaseHook":
      return standard(secrets.SUPABASE_HOOK_SECRET, "webhook");
    case "clerkHook":
      return standard(secrets.CLERK_WEBHOOK_SECRET, "svix");
    case "zitadelHook":
      return {
        "zitadel-signature": `t=${seconds},v1=${hmac(secrets.ZITADEL_SIGNING_KEY, `${seconds}.${body}`)}`,
      };
    case "authgearHook":
      return { "x-authgear-body-signature": hmac(secrets.AUTHGEAR_WEBHOOK_SECRET, body) };
    default:
      throw new Error(`Say how ${operationId} is signed`);
  }
}
