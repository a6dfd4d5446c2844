import { Buffer } from "node:buffer";
import { type AppName, type AppScope, covers } from "../ids/app-name.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { ownerOf, uniquePartOf, type VerificationId, verificationIdFor } from "../ids/verification-id.ts";
import { DEFAULT_VIA } from "../ids/via.ts";
import { type ChannelName, type Route, withoutTemplate } from "../messages/message.ts";
import { countryOf, type E164, parseE164 } from "../numbering/e164.ts";
import { localeOfCountry } from "../numbering/locale.ts";
import { DEFAULT_POLICY, type Policy } from "../phone-number/policy.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";
import type { TemplateStore } from "../templates/store.ts";
import { routeTo } from "./routes.ts";

/**
 * A check by number of a number without a verification is answered with one that has expired: a decoy. An honest app
 * reacts as it would to that, and an attacker who tries numbers learns nothing about them (ASVS 6.3.8). It is derived from
 * the number, the purpose and its policy, and is the same each time for a day, which is how long a real one can be read.
 * Nothing is stored: its id holds the number, encrypted.
 */

/** What a decoy is about. */
export interface DecoySubject {
  readonly to: E164;
  readonly app: AppName;
  readonly purpose: string;
}

export interface DecoyDependencies {
  readonly keyring: Keyring;
  readonly apps: readonly AppName[];
  readonly policies: ReadonlyMap<string, Policy>;
  readonly channels: ReadonlyMap<ChannelName, unknown>;
  readonly templates: TemplateStore;
  readonly defaultLocale: string;
}

/** How the code of a decoy would have been sent. */
interface DecoyRoute {
  readonly policy: Policy;
  readonly locale: string;
  readonly route: Route;
}

/**
 * Chooses the channel and template of a decoy. It may read KV, so a check that may need a decoy begins with it: otherwise
 * its duration would tell that it needed one.
 */
export async function routeOfDecoy(
  { to, purpose }: Pick<DecoySubject, "to" | "purpose">,
  { policies, channels, templates, defaultLocale }: DecoyDependencies,
): Promise<DecoyRoute> {
  const policy = policies.get(purpose) ?? DEFAULT_POLICY;
  const locale = localeOfCountry(countryOf(to)) ?? defaultLocale;
  const channel = policy.channels.find((configured) => channels.has(configured)) ?? "whatsapp";
  const route = (await routeTo(channel, policy, locale, templates)) ?? withoutTemplate(channel);
  return { policy, locale, route };
}

/** What the decoy with this id is about; null for every other id, and a day after the decoy has "closed". */
export function findDecoy(
  id: VerificationId,
  scope: AppScope,
  { keyring, apps, policies }: Pick<DecoyDependencies, "keyring" | "apps" | "policies">,
  now: number,
): DecoySubject | null {
  const name = ownerOf(id);
  for (const app of apps.filter((candidate) => covers(scope, candidate))) {
    for (const purpose of policies.keys()) {
      const context = contextOf(keyring, name, { app, purpose }, now);
      const to = parseE164(`+${decrypt(keyring, context, Buffer.from(uniquePartOf(id)))}`);
      // The object's name authenticates the number: for another id they do not match.
      if (to !== null && namesOf(keyring, to)[0] === name) return { to, app, purpose };
    }
  }
  return null;
}

/** The decoy of a number, app and purpose at this time. */
export function makeDecoy(
  subject: DecoySubject,
  { policy, locale, route }: DecoyRoute,
  keyring: Keyring,
  now: number,
): VerificationSnapshot {
  const { to, app, purpose } = subject;
  const [name] = namesOf(keyring, to);
  const seed = seedOf(keyring, name, subject);
  const expiresAt = closedAt(seed, now);
  const createdAt = expiresAt - policy.expiresInSeconds * 1000;
  const deliveredAt = createdAt + 1000 + (seed.readUInt16BE(4) % 4000);
  const { channel, template, language, timeToLiveSeconds } = route;
  return {
    id: idOf(keyring, name, subject, now),
    to,
    app,
    via: DEFAULT_VIA,
    method: "code",
    numberLearned: false,
    otherNumberEndsWith: null,
    purpose,
    status: "expired",
    reason: null,
    channel,
    locale,
    bind: null,
    metadata: {},
    identityChanged: false,
    test: false,
    attemptsRemaining: policy.maxAttempts,
    sendsRemaining: policy.maxSends - 1,
    createdAt,
    expiresAt,
    resendAt: null,
    closedAt: expiresAt,
    messages: [
      {
        channel,
        status: "delivered",
        template,
        language,
        providerMessageId: channel === "whatsapp" ? messageIdOf(to, seed) : null,
        error: null,
        pricing: null,
        leasedAt: createdAt,
        timeToLiveSeconds,
        createdAt,
        updatedAt: deliveredAt,
        sentAt: createdAt,
        deliveredAt,
        readAt: null,
      },
    ],
  };
}

/** The form of WhatsApp's ids: a Thrift struct with the number's digits and 18 hex digits, in base64. */
function messageIdOf(to: E164, seed: Buffer): string {
  const digits = Buffer.from(to.slice(1));
  const hex = Buffer.from(seed.subarray(8, 17).toString("hex").toUpperCase());
  const head = Buffer.from([0x1c, 0x18, digits.length]);
  const middle = Buffer.from([0x15, 0x02, 0x00, 0x11, 0x18, hex.length]);
  return `wamid.${Buffer.concat([head, digits, middle, hex, Buffer.from([0])]).toString("base64")}`;
}

function seedOf(
  keyring: Keyring,
  name: PhoneNumberName,
  { app, purpose }: Pick<DecoySubject, "app" | "purpose">,
): Buffer {
  return keyring.mac("request", `decoy ${JSON.stringify([name, app, purpose])}`)[0];
}

/** When it "closed": within the last day, at a time of day that depends on the number, the app and the purpose. */
function closedAt(seed: Buffer, now: number): number {
  const offset = seed.readUInt32BE() % DAY_MS;
  return now - ((now - offset) % DAY_MS);
}

/** What an id is encrypted for. Another day gives another id, as a real verification would have. */
function contextOf(
  keyring: Keyring,
  name: PhoneNumberName,
  subject: Pick<DecoySubject, "app" | "purpose">,
  now: number,
): string {
  const { app, purpose } = subject;
  return JSON.stringify([name, app, purpose, closedAt(seedOf(keyring, name, subject), now)]);
}

const HALF = 2 ** 24;
const ROUNDS = [0, 1, 2, 3];
const UNIQUE_BYTES = 6;

/**
 * The id: 48 bits that hold the number, encrypted by a Feistel network of four rounds (Luby and Rackoff) so that they look
 * like the random bits of a real one. The few numbers of 15 digits that do not fit have a decoy that cannot be read by id.
 */
function idOf(keyring: Keyring, name: PhoneNumberName, subject: DecoySubject, now: number): VerificationId {
  const context = contextOf(keyring, name, subject, now);
  const digits = Number(subject.to.slice(1)) % (HALF * HALF);
  let [left, right] = [Math.floor(digits / HALF), digits % HALF];
  for (const round of ROUNDS) [left, right] = [right, left ^ mix(keyring, context, round, right)];
  const unique = Buffer.alloc(UNIQUE_BYTES);
  unique.writeUIntBE(left, 0, 3);
  unique.writeUIntBE(right, 3, 3);
  return verificationIdFor(name, unique);
}

function decrypt(keyring: Keyring, context: string, unique: Buffer): number {
  let [left, right] = [unique.readUIntBE(0, 3), unique.readUIntBE(3, 3)];
  for (const round of ROUNDS.toReversed()) [left, right] = [right ^ mix(keyring, context, round, left), left];
  return left * HALF + right;
}

function mix(keyring: Keyring, context: string, round: number, half: number): number {
  return keyring.mac("request", `decoy id ${round} ${half} ${context}`)[0].readUIntBE(0, 3);
}
