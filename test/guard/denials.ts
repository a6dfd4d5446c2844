import { expect } from "vitest";
import { type Deployment, messagesChange, messagesTo } from "../deployment.ts";
import type { GuardedService } from "./guarded-service.ts";

let taps = 0;
export function newTap(): string {
  taps += 1;
  return `wamid.tap${taps}`;
}

/** The owner taps "I didn't request a code" under the newest message. */
export async function deny(deployment: Deployment, service: GuardedService, to: string, id = newTap()) {
  const [message] = await messagesTo(deployment, to);
  const tap = {
    from: to.slice(1),
    id,
    timestamp: String(Math.floor(Date.now() / 1000)),
    type: "button",
    button: { payload: "DID_NOT_REQUEST_CODE", text: "" },
    context: { id: message?.id },
  };
  expect(await service.webhook(messagesChange({ messages: [tap] }))).toBe(200);
}
