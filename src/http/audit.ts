import { randomId } from "../ids/id.ts";
import type { AuditEntry } from "../journal/audit.ts";
import { log } from "../platform/log.ts";
import { Problem } from "../platform/problem.ts";
import type { Endpoint, EndpointDefinition, ParsedRequest, Reply } from "./endpoint.ts";
import { problemOf } from "./errors.ts";

/** Where a mount records the administrative writes of its endpoints. */
export interface Recorder {
  /** Records an entry before its act, and again with what came of it. Rejects when it is not durable. */
  record(entry: AuditEntry): Promise<void>;
}

const ID_BYTES = 10;
/** Longer than every id and name that is a target. */
const LONGEST_TARGET = 600;
const RETRY_AFTER_SECONDS = 5;

/** Whether calls of an endpoint leave an audit entry: every write does, unless its definition says why not. */
export function isAudited({ method, notAudited }: EndpointDefinition): boolean {
  return method !== "get" && notAudited === undefined;
}

/**
 * Runs an administrative write with its audit entry, which is stored before the act and completed after it. Without
 * the entry there is no act: the caller gets 503. What an operator undoes in an emergency is done in any case, and the
 * log has the entry instead.
 *
 * @param ids The ids in the request's path, which name the target where the definition does not.
 */
export async function audited(
  { definition, handle }: Endpoint,
  request: ParsedRequest,
  ids: readonly string[],
  recorder: Recorder,
): Promise<Reply> {
  const { caller, body } = request;
  const entry: AuditEntry = {
    id: randomId("aud_", ID_BYTES),
    createdAt: Date.now(),
    actor: caller.id,
    actorName: caller.name,
    app: caller.app,
    action: definition.operationId,
    target: definition.auditTarget?.(body) ?? (ids.join("/").slice(0, LONGEST_TARGET) || null),
    reason: reasonIn(body),
    outcome: null,
  };
  await begin(entry, definition, recorder);
  let ended = entry;
  try {
    const reply = await handle({ ...request, audit: entry });
    ended = { ...entry, outcome: reply.outcome, target: entry.target ?? reply.target ?? idOf(reply) };
    return reply;
  } catch (error) {
    ended = { ...entry, outcome: problemOf(error).code };
    throw error;
  } finally {
    await recorder.record(ended).catch((error) => logUnstored(ended, error));
  }
}

async function begin(
  entry: AuditEntry,
  { actsWithoutAudit = false }: EndpointDefinition,
  recorder: Recorder,
): Promise<void> {
  try {
    await recorder.record(entry);
  } catch (error) {
    logUnstored(entry, error);
    if (!actsWithoutAudit) throw new Problem("unavailable", { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

function logUnstored(entry: AuditEntry, error: unknown): void {
  const { id, actor, app, action, target, reason, outcome } = entry;
  const audit = { id, actor, app, action, target, reason, outcome };
  log("error", "Audit entry could not be stored", { audit, error: String(error) });
}

/** Why the caller acts, where the body says so. */
function reasonIn(body: unknown): string | null {
  const { reason = null, note = null }: { reason?: unknown; note?: unknown } = Object(body);
  const text = reason ?? note;
  return typeof text === "string" ? text : null;
}

/** The id of what the call created. */
function idOf({ body }: Reply): string | null {
  const { id = null }: { id?: unknown } = Object(body);
  return typeof id === "string" ? id : null;
}
