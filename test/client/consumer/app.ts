/** What a project in strict mode makes of the package. The test copies it beside the installed package. */
import { type CheckedVerification, type Fetch, Sandi, SandiError, type Verification } from "sandi/client";
import { verifyEvent, type WebhookEvent } from "sandi/webhooks";

export function clientOf(url: string | undefined, key: string | undefined, fetch?: Fetch): Sandi {
  return new Sandi({ url, key, fetch, app: "default", timeoutMs: 10_000, retries: 1 });
}

/** Start, wrong, right, used, too soon: what each answers. */
export async function verify(
  sandi: Sandi,
  to: string,
  readCode: () => Promise<string>,
): Promise<readonly string[]> {
  const started: Verification = await sandi.verifications.start({ to, locale: "id" });
  const again = await sandi.verifications.start({ to }).catch((error: unknown) => {
    if (!(error instanceof SandiError)) throw error;
    return `${error.code} ${error.verification?.id === started.id} ${(error.retryAfter ?? 0) > 0}`;
  });
  const code = await readCode();
  const wrong = await sandi.verifications.check(started.id, {
    code: code === "000000" ? "111111" : "000000",
  });
  const right: CheckedVerification = await sandi.verifications.checkByNumber({ to, code });
  const used = await sandi.verifications.check(started.id, { code });
  const told = (verification: CheckedVerification) => `${verification.valid} ${verification.status}`;
  return [started.status, String(again), told(wrong), told(right), told(used)];
}

export async function keyNames(sandi: Sandi): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const key of sandi.keys.list({ limit: 1 })) names.push(key.name);
  return names;
}

export function receive(body: string, headers: Headers, secret: string): string {
  const event: WebhookEvent = verifyEvent(body, headers, secret);
  switch (event.type) {
    case "verification.approved":
      return event.data.to ?? event.data.id;
    case "guard.blocked":
      return event.data.rule;
    default:
      return event.type;
  }
}

/** Misuse that does not compile. */
export async function misuse(sandi: Sandi): Promise<void> {
  // @ts-expect-error: a number is a text.
  await sandi.verifications.start({ to: 6281234567890 });
  // @ts-expect-error: the API refuses fields that it does not know.
  await sandi.verifications.start({ to: "+6281234567890", number: 1 });
  // @ts-expect-error: reading takes no Idempotency-Key.
  await sandi.verifications.get("vrf_1", { idempotencyKey: "a" });
  const { status } = await sandi.verifications.get("vrf_1");
  // @ts-expect-error: there is no such status.
  if (status === "aproved") throw new Error();
}
