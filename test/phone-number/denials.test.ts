import { expect, it } from "vitest";
import { fallBackOverdue } from "../../src/phone-number/decisions/fallback.ts";
import { start } from "../../src/phone-number/decisions/send.ts";
import { EMPTY } from "../../src/phone-number/phone-state.ts";
import { RULES } from "../verification/fixtures.ts";
import { newId, startCommand } from "./commands.ts";

const MINUTE = 60_000;
const DENIALS = ["tap 1", "tap 2"].map((tapId) => ({ at: 0, tapId }));

it.each([
  ["enforce", 1],
  ["record_only", 2],
  ["off", 2],
] as const)(
  "two denials of a number stop its fallback to SMS in the mode enforce only: %s",
  (owner, messages) => {
    const command = startCommand({
      id: newId(0),
      channels: ["whatsapp", "sms"],
      rules: { ...RULES, owner },
    });
    const { state } = start(EMPTY, command, 0);
    const later = fallBackOverdue({ ...state, denials: DENIALS }, MINUTE);
    expect(later.verifications[0]?.messages).toHaveLength(messages);
  },
);
