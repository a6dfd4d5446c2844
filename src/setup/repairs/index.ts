import type { CheckId } from "../checks/ids.ts";
import { type Examination, isFault } from "../examination.ts";
import type { Findings } from "../findings.ts";
import { numberRepairs } from "./number.ts";
import type { RepairOutcome, RepairTools } from "./repair.ts";
import { templateRepairs } from "./templates.ts";
import { webhookRepairs } from "./webhook.ts";

const REPAIRS = Object.assign({}, webhookRepairs, numberRepairs, templateRepairs);

/** Whether the doctor itself can repair what a check finds; the others are for people, commands or time. */
export function isRepairable(id: CheckId): boolean {
  return id in REPAIRS;
}

/**
 * Repairs what a check has found. Without a fault it calls nothing, so that it can be repeated.
 *
 * @param findings what `examination` was made from
 */
export async function repair(
  id: CheckId,
  examination: Examination,
  findings: Findings,
  tools: RepairTools,
): Promise<RepairOutcome> {
  const result = examination.checks.find((check) => check.id === id);
  if (result === undefined || result.state === "ok") return { kind: "not_needed" };
  if (!isFault(result)) return { kind: "waits", sentence: result.sentence };
  const mend = REPAIRS[id];
  // Where a person has to act first, such as for a business that is not verified, a call would only be refused.
  if (mend === undefined || result.repair?.by !== "doctor") {
    return { kind: "by_hand", sentence: result.repair?.text ?? result.sentence };
  }
  return mend(findings, tools);
}
