import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** What a key is for. Each use has its own key, so that no output of one can stand in for another's. */
type MacUse = "number" | "code" | "request" | "limit";

/** Ready for use: to read a key out of its bytes takes longer than to use it. */
type Subkeys = Readonly<Record<MacUse | "seal", KeyObject>>;

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys of a deployment, derived from `SECRET_KEY` by HKDF-SHA-256 (RFC 5869). During a rotation
 * `SECRET_KEY_PREVIOUS` still opens and proves what was made under it; nothing new is made with it.
 *
 * Synchronous on purpose: a MAC takes microseconds, less than the turn of an event loop that awaits it.
 */
export class Keyring {
  readonly #generations: readonly [Subkeys, ...Subkeys[]];

  constructor(secret: string, previous?: string) {
    this.#generations = previous === undefined ? [derive(secret)] : [derive(secret), derive(previous)];
  }

  /** HMAC-SHA-256 of a text under each live key, the current one first. */
  mac(use: MacUse, text: string): [Buffer, ...Buffer[]] {
    const [current, ...previous] = this.#generations;
    const under = (keys: Subkeys) => createHmac("sha256", keys[use]).update(text).digest();
    return [under(current), ...previous.map(under)];
  }

  /**
   * Encrypts by AES-256-GCM with a random nonce (NIST SP 800-38D). The result, in base64url, opens only
   * together with the same `context`.
   */
  seal(text: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#generations[0].seal, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** Opens what {@link seal} made under any live key. Throws when none fits. */
  open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed, "base64url");
    const iv = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    for (const { seal } of this.#generations) {
      const decipher = createDecipheriv(CIPHER, seal, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      try {
        return (
          decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
        );
      } catch {
        // The key of another generation may fit.
      }
    }
    throw new Error("A sealed value opens under none of the deployment's keys");
  }
}

function derive(secret: string): Subkeys {
  const subkey = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `sandi/${use}/1`, 32)));
  return {
    number: subkey("number"),
    code: subkey("code"),
    request: subkey("request"),
    limit: subkey("limit"),
    seal: subkey("seal"),
  };
}
