import type { Deliver } from "./sender.ts";

/** Asks a URL for Meta's challenge, as the verification of a webhook does. @returns why it failed; null if it did not */
export type Handshake = (url: string, verifyToken: string) => Promise<string | null>;

export function handshakeBy(deliver: Deliver): Handshake {
  return async (url, verifyToken) => {
    const challenge = String(crypto.getRandomValues(new Uint32Array(1))[0]);
    const asked = new URL(url);
    asked.searchParams.set("hub.mode", "subscribe");
    asked.searchParams.set("hub.challenge", challenge);
    asked.searchParams.set("hub.verify_token", verifyToken);
    try {
      const response = await deliver(new Request(asked));
      const text = await response.text();
      if (response.ok && text === challenge) return null;
      return response.ok
        ? "The response does not match the challenge"
        : `HTTP Status Code = ${response.status}; HTTP Message = ${response.statusText}`;
    } catch {
      return "The URL couldn't be reached";
    }
  };
}
