import type { Sender } from "../channels/whatsapp/senders.ts";
import type { SharedCircuits } from "../channels/whatsapp/shared-circuits.ts";
import { setUp } from "../templates/starter-set/starter-set.ts";
import type { Templates } from "../templates/templates.ts";
import { NOT_ELIGIBLE } from "../templates/whatsapp/graph.ts";
import { CHECKS } from "./checks/index.ts";
import { Doctor, type DoctorNotes } from "./doctor.ts";
import type { PlatformFindings } from "./findings.ts";
import type { GraphOptions } from "./graph.ts";
import { type Memory, NOTHING_REMEMBERED } from "./memory.ts";
import { drawPin } from "./pin.ts";
import type { RepairOutcome } from "./repairs/repair.ts";
import { type ExaminedSettings, settingsFindings } from "./settings-findings.ts";

export interface DeploymentParts {
  readonly settings: ExaminedSettings & {
    readonly whatsapp: Pick<GraphOptions, "baseUrl" | "accessToken">;
    readonly senders: readonly Sender[];
  };
  readonly verifyToken: string;
  readonly circuits: SharedCircuits;
  readonly templates: Templates;
  readonly notes: DoctorNotes;
  readonly journal: D1Database;
  readonly events: Queue;
  readonly deadLetters: { read(): Promise<{ readonly count: number }> };
}

/** The doctor of a running Worker: it examines its own settings, memory and database. */
export function deploymentDoctor(parts: DeploymentParts): Doctor {
  const { settings, verifyToken, circuits, templates, notes } = parts;
  const { baseUrl, apiVersion, accessToken, appSecret } = settings.whatsapp;
  return new Doctor({
    // Looked up at each call, because tests replace `fetch`.
    graph: { fetch: (url, init) => fetch(url, init), baseUrl, version: apiVersion, accessToken, appSecret },
    settings: settingsFindings(settings, null),
    notes,
    checks: CHECKS,
    memory: () => remembered(circuits, settings.senders, templates),
    platform: () => platformFindings(parts),
    tools: {
      verifyToken,
      newPin: drawPin,
      createTemplates: (names, languages) => createTemplates(templates, names, languages),
    },
  });
}

async function remembered(
  circuits: SharedCircuits,
  senders: readonly Sender[],
  templates: Templates,
): Promise<Memory> {
  const [observed, recipients, waiting, deletedTemplates] = await Promise.all([
    circuits.observed(),
    circuits.recipientsOfDay(senders),
    templates.waiting(),
    templates.deletions(),
  ]);
  const counts = Object.values(recipients);
  const recipientsToday = counts.length === 0 ? null : counts.reduce((total, count) => total + count, 0);
  const templateRefusals = Object.keys(waiting?.templates ?? {}).map((template) => ({
    template,
    code: Number(NOT_ELIGIBLE.code),
    subcode: Number(NOT_ELIGIBLE.subcode),
    at: waiting?.triedAt ?? 0,
  }));
  return Object.assign({}, NOTHING_REMEMBERED, observed, {
    recipientsToday,
    templateRefusals,
    deletedTemplates,
  });
}

/** Creates what is missing; of several refusals, the first one is told. */
async function createTemplates(
  templates: Templates,
  names: readonly string[],
  languages: readonly string[],
): Promise<RepairOutcome> {
  const rows = await setUp(templates, names, languages);
  // A language that the starter set has no text in was not asked for.
  const refused = rows.find(({ asked, status }) => asked && status === null);
  if (refused === undefined) return { kind: "repaired" };
  if (refused.waiting) return { kind: "waits", sentence: refused.detail ?? "" };
  return { kind: "by_hand", sentence: `${refused.template}, ${refused.language}: ${refused.detail ?? ""}` };
}

async function platformFindings({
  journal,
  events,
  deadLetters,
}: DeploymentParts): Promise<PlatformFindings> {
  const [lastMigration, oldestEventAt, { count }] = await Promise.all([
    lastMigrationOf(journal),
    oldestOf(events),
    deadLetters.read(),
  ]);
  return { lastMigration, oldestEventAt, deadLetters: count };
}

/** What wrangler writes down of the migrations that it has applied; without the table there are none. */
async function lastMigrationOf(journal: D1Database): Promise<string | null> {
  const last = await journal
    .prepare("SELECT name FROM d1_migrations ORDER BY id DESC LIMIT 1")
    .first<{ name: string }>()
    .catch(() => null);
  return last?.name ?? null;
}

/** When the oldest event was queued that waits to be consumed. */
async function oldestOf(events: Queue): Promise<number | null> {
  const metrics = await events.metrics().catch(() => null);
  const oldest = metrics?.oldestMessageTimestamp?.getTime() ?? 0;
  return oldest > 0 ? oldest : null;
}
