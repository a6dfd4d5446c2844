import { describe, expect, it } from "vitest";
import { hookSettings } from "../../../src/http/sms-hooks/settings.ts";

const base64 = (bytes: number) => btoa("x".repeat(bytes));
const SUPABASE = `v1,whsec_${base64(24)}`;
const ZITADEL = "0123456789abcdef";
const CLERK = `whsec_${base64(24)}`;

const faultsOf = (settings: object) =>
  hookSettings.safeParse(settings).error?.issues.map(({ path, message }) => `${path} ${message}`) ?? [];

describe("The secrets of hooks", () => {
  it("are none by default, and where they are empty", () => {
    const none = { hooks: { supabase: [], zitadel: [], clerk: [], authgear: [] } };
    expect(hookSettings.parse({})).toEqual(none);
    const empty = {
      SUPABASE_HOOK_SECRET: "",
      ZITADEL_SIGNING_KEY: "",
      CLERK_WEBHOOK_SECRET: "",
      AUTHGEAR_WEBHOOK_SECRET: "",
    };
    expect(hookSettings.parse(empty)).toEqual(none);
  });

  it("may be several, separated by |", () => {
    const other = `v1,whsec_${base64(64)}`;
    const { hooks } = hookSettings.parse({
      SUPABASE_HOOK_SECRET: `${SUPABASE}|${other}`,
      ZITADEL_SIGNING_KEY: `${ZITADEL}|${ZITADEL}2`,
      CLERK_WEBHOOK_SECRET: `${CLERK}|${CLERK}`,
      AUTHGEAR_WEBHOOK_SECRET: `${ZITADEL}|${ZITADEL}3`,
    });
    expect(hooks).toEqual({
      supabase: [SUPABASE.slice(3), other.slice(3)],
      zitadel: [ZITADEL, `${ZITADEL}2`],
      clerk: [CLERK, CLERK],
      authgear: [ZITADEL, `${ZITADEL}3`],
    });
  });

  it.each([
    ["SUPABASE_HOOK_SECRET", CLERK, "is not a secret as Supabase shows it"],
    ["SUPABASE_HOOK_SECRET", "v1,whsec_A", "is not a secret as Supabase shows it"],
    ["SUPABASE_HOOK_SECRET", `v1,whsec_${base64(20)}`, "is not a secret as Supabase shows it"],
    ["SUPABASE_HOOK_SECRET", `${SUPABASE}?`, "is not a secret as Supabase shows it"],
    [
      "SUPABASE_HOOK_SECRET",
      `v1a,whpk_${base64(24)}:whsk_${base64(24)}`,
      "is not a secret as Supabase shows",
    ],
    ["SUPABASE_HOOK_SECRET", `${SUPABASE}|`, "several are separated by |"],
    ["ZITADEL_SIGNING_KEY", "short", "is not a signing key of Zitadel: at least 16 characters"],
    ["ZITADEL_SIGNING_KEY", "with a space 0123456789", "without spaces"],
    ["ZITADEL_SIGNING_KEY", `${ZITADEL}||${ZITADEL}`, "several are separated by |"],
    ["AUTHGEAR_WEBHOOK_SECRET", "short", "is not a webhook secret of Authgear"],
    ["CLERK_WEBHOOK_SECRET", SUPABASE, "is not a signing secret as Clerk shows it"],
  ])("%s that is %j is named by a sentence", (name, value, sentence) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringContaining(`${name} `)]);
    expect(faultsOf({ [name]: value }).join()).toContain(sentence);
    expect(faultsOf({ [name]: value }).join()).not.toContain(value);
  });
});
