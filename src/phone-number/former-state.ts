import { DEFAULT_APP } from "../ids/app-name.ts";
import type { PhoneState } from "./phone-state.ts";
import type { Verification } from "./verification.ts";

/**
 * Reads the stored state of an earlier version. Version 1 had neither apps nor sessions: its verifications belong to
 * the default app.
 */
export function fromFormerState(state: Partial<PhoneState>): Partial<PhoneState> {
  const { verifications = [], outbox = [] } = state;
  return {
    ...state,
    verifications: verifications.map(withApp),
    outbox: outbox.map((item) =>
      item.kind === "verification"
        ? { ...item, verification: { ...item.verification, app: item.verification.app ?? DEFAULT_APP } }
        : item,
    ),
  };
}

function withApp(verification: Verification): Verification {
  const { app = DEFAULT_APP, session = null }: Partial<Verification> = verification;
  return { ...verification, app, session };
}
