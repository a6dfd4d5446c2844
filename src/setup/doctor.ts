import { DAY_MS, MINUTE_MS } from "../platform/time.ts";
import type { Check } from "./checks/check.ts";
import type { CheckId } from "./checks/ids.ts";
import { type CheckResult, type Examination, examine } from "./examination.ts";
import type { Findings, PlatformFindings, SettingsFindings } from "./findings.ts";
import { Graph, type GraphOptions, type MetaError } from "./graph.ts";
import { lookAtMeta } from "./look.ts";
import type { Memory } from "./memory.ts";
import { repair } from "./repairs/index.ts";
import type { RepairOutcome, RepairTools } from "./repairs/repair.ts";

/** Meta counts management calls, 200 an hour for a small account, so an examination serves for a minute. */
const FRESH_MS = MINUTE_MS;

/** An answer within five seconds: what Meta has not said by then is unknown. */
const LONGEST_LOOK_MS = 4_000;
const MOST_CALLS = 13;

/** Where the doctor keeps what it has to know next time: texts under names, in a shared object. */
export interface DoctorNotes {
  note(name: NoteName): Promise<string | null>;
  keepNote(name: NoteName, text: string): Promise<void>;
}
export type NoteName = "examination" | "nightly" | "registration";

/** A check that has turned red since the last night, or is red no more. */
export interface Turn {
  readonly kind: "degraded" | "recovered";
  readonly result: CheckResult;
  /** When it was examined, in milliseconds since the epoch. */
  readonly at: number;
}

export interface DoctorOptions {
  readonly graph: Pick<GraphOptions, "fetch" | "baseUrl" | "version" | "accessToken" | "appSecret">;
  readonly settings: Omit<SettingsFindings, "publicUrl">;
  readonly notes: DoctorNotes;
  readonly checks: readonly Check[];
  memory(): Promise<Memory>;
  platform(): Promise<PlatformFindings>;
  /** What repairs need besides Meta. */
  readonly tools: Pick<RepairTools, "verifyToken" | "newPin" | "createTemplates">;
}

/** The refusal that a number's last registration met. */
interface Registration {
  readonly code: number;
  readonly at: number;
}

export interface Repaired {
  readonly id: CheckId;
  readonly outcome: RepairOutcome;
}

/** The kept examination, and the address that it was asked for. */
interface Kept {
  readonly at: number;
  readonly publicUrl: string | null;
  readonly examination: Examination;
}

interface Look {
  readonly findings: Findings;
  readonly examination: Examination;
}

/** Examines a running deployment from within. */
export class Doctor {
  readonly #options: DoctorOptions;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  /**
   * The examination of the last minute, or a new one.
   *
   * @param publicUrl the deployment's origin as the caller knows it; null for the one of the last call
   * @param isFresh examines in any case
   */
  async examination(publicUrl: string | null, isFresh: boolean): Promise<Examination> {
    const kept = await this.#kept();
    const isSame = publicUrl === null || publicUrl === kept?.publicUrl;
    if (kept !== null && !isFresh && isSame && Date.now() - kept.at < FRESH_MS) return kept.examination;
    return (await this.#look(publicUrl ?? kept?.publicUrl ?? null)).examination;
  }

  /**
   * Repairs what the checks have found, one after the other: an earlier repair may be the ground of a later one, which
   * is then examined anew.
   *
   * @param mayTakeOver whether the caller agrees to change what another project or person has set
   */
  async repair(
    ids: readonly CheckId[],
    publicUrl: string | null,
    mayTakeOver: boolean,
  ): Promise<readonly Repaired[]> {
    const done: Repaired[] = [];
    let look = await this.#look(publicUrl ?? (await this.#kept())?.publicUrl ?? null);
    for (const id of ids) {
      const outcome = await repair(id, look.examination, look.findings, this.#tools(mayTakeOver));
      done.push({ id, outcome });
      if (outcome.kind === "repaired") look = await this.#look(look.findings.settings.publicUrl);
    }
    return done;
  }

  #tools(mayTakeOver: boolean): RepairTools {
    const onRegistration = async (refusal: MetaError | null) => {
      const registration = refusal && { code: refusal.code, at: Date.now() };
      await this.#options.notes.keepNote("registration", JSON.stringify(registration));
    };
    const own = { graph: new Graph(this.#options.graph), mayTakeOver, onRegistration };
    return Object.assign(own, this.#options.tools);
  }

  /**
   * Examines for the night and reports what has changed since the last one. The caller's `report` has to be durable
   * before it resolves: only then does the change count as told.
   */
  async nightly(report: (turns: readonly Turn[]) => Promise<void>): Promise<Examination> {
    const former = await this.#formerNight();
    const examination = await this.examination(null, true);
    const at = Date.now();
    const turns = examination.checks.flatMap((result) => turnOf(result, former.has(result.id), at));
    if (turns.length > 0) await report(turns);
    const red = new Set(former);
    for (const { kind, result } of turns) {
      if (kind === "degraded") red.add(result.id);
      else red.delete(result.id);
    }
    await this.#options.notes.keepNote("nightly", JSON.stringify([...red]));
    return examination;
  }

  async #look(publicUrl: string | null): Promise<Look> {
    const { settings, checks, notes } = this.#options;
    const known: SettingsFindings = Object.assign({}, settings, { publicUrl });
    const graph = new Graph(
      Object.assign({ totalMs: LONGEST_LOOK_MS, mostCalls: MOST_CALLS }, this.#options.graph),
    );
    const [meta, memory, platform] = await Promise.all([
      lookAtMeta(graph, known),
      this.#memory(),
      this.#options.platform(),
    ]);
    const now = Date.now();
    const findings = { now, settings: known, meta, memory, platform, cloudflare: null };
    const examination = examine(findings, checks);
    const kept: Kept = { at: now, publicUrl, examination };
    await notes.keepNote("examination", JSON.stringify(kept));
    return { findings, examination };
  }

  async #memory(): Promise<Memory> {
    const [memory, note] = await Promise.all([
      this.#options.memory(),
      this.#options.notes.note("registration"),
    ]);
    const registrationRefusal = note === null ? null : (JSON.parse(note) as Registration | null);
    return Object.assign({}, memory, { registrationRefusal });
  }

  async #kept(): Promise<Kept | null> {
    const text = await this.#options.notes.note("examination");
    return text === null ? null : (JSON.parse(text) as Kept);
  }

  async #formerNight(): Promise<ReadonlySet<CheckId>> {
    const text = await this.#options.notes.note("nightly");
    return new Set(text === null ? [] : (JSON.parse(text) as CheckId[]));
  }
}

/** What was not examined, or not answered, has not changed. */
function turnOf(result: CheckResult, wasRed: boolean, at: number): Turn[] {
  if (result.state === "failed" && !wasRed) return [{ kind: "degraded", result, at }];
  if ((result.state === "ok" || result.state === "warning") && wasRed) {
    return [{ kind: "recovered", result, at }];
  }
  return [];
}

/** The id of a turn's event: one a day, however often the night's run is repeated. */
export function turnId({ kind, result, at }: Turn): string {
  return `evt_${kind}_${result.id.replace(/\W/g, "_")}_${Math.floor(at / DAY_MS)}`;
}
