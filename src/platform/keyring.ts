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

/** What a derived MAC key is used for. Each use has a key of its own, so that no MAC is valid for another use. */
type MacUse = "number" | "code" | "request" | "limit" | "link";

/** The keys derived from one secret, imported once because importing a key takes longer than using it. */
type DerivedKeys = Readonly<Record<MacUse | "seal", KeyObject>>;

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys of a deployment, derived from `SECRET_KEY` by HKDF-SHA-256 (RFC 5869). During a rotation
 * the keys derived from `SECRET_KEY_PREVIOUS` still open and verify older values, and make no new ones.
 *
 * Synchronous, because a MAC takes microseconds, less than an await of the event loop.
 */
export class Keyring {
  /** The current keys first. */
  readonly #keySets: readonly [DerivedKeys, ...DerivedKeys[]];

  constructor(secret: string, previous?: string) {
    const current = deriveKeys(secret);
    this.#keySets = previous === undefined ? [current] : [current, deriveKeys(previous)];
  }

  /** Returns the HMAC-SHA-256 of a text under each valid key, the current one first. */
  mac(use: MacUse, text: string): [Buffer, ...Buffer[]] {
    const [current, ...previous] = this.#keySets;
    const macWith = (keys: DerivedKeys) => createHmac("sha256", keys[use]).update(text).digest();
    return [macWith(current), ...previous.map(macWith)];
  }

  /**
   * Encrypts a text by AES-256-GCM with a random nonce (NIST SP 800-38D).
   *
   * @param context Authenticated with the text: {@link open} needs the same one.
   * @returns Nonce, tag and ciphertext in base64url.
   */
  seal(text: string, context: string): string {
    return this.sealBytes(text, context).toString("base64url");
  }

  /** Decrypts what {@link seal} returned, under any valid key. Throws when none of them fits. */
  open(sealed: string, context: string): string {
    return this.openBytes(Buffer.from(sealed, "base64url"), context).toString();
  }

  /** {@link seal} without base64url, for what is stored as bytes. */
  sealBytes(content: string | Uint8Array, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keySets[0].seal, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const sealed = typeof content === "string" ? cipher.update(content, "utf8") : cipher.update(content);
    const end = cipher.final();
    return Buffer.concat([iv, cipher.getAuthTag(), sealed, end]);
  }

  /** Decrypts what {@link sealBytes} returned, under any valid key. Throws when none of them fits. */
  openBytes(bytes: Uint8Array, context: string): Buffer {
    const iv = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    for (const { seal } of this.#keySets) {
      const decipher = createDecipheriv(CIPHER, seal, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      try {
        const content = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
        // GCM holds nothing back: the last call only verifies the tag.
        decipher.final();
        return content;
      } catch {
        // It may be sealed under the other key.
      }
    }
    throw new Error("A sealed value does not open under any key of the deployment");
  }
}

function deriveKeys(secret: string): DerivedKeys {
  const deriveKey = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `sandi/${use}/1`, 32)));
  return {
    number: deriveKey("number"),
    code: deriveKey("code"),
    request: deriveKey("request"),
    limit: deriveKey("limit"),
    link: deriveKey("link"),
    seal: deriveKey("seal"),
  };
}
