import { rateOf, type Sender } from "../../channels/whatsapp/senders.ts";
import type { AppScope } from "../../ids/app-name.ts";
import { type BatchId, batchIdFor, newBatchId } from "../../ids/batch-id.ts";
import { type IdempotencyKey, requestOf } from "../../ids/idempotency-key.ts";
import type { Fault } from "../../platform/problem.ts";
import type { NotificationBatch } from "./batch.ts";
import type { BatchSnapshot } from "./batch-state.ts";
import { type BatchRequest, type ComposeDependencies, compose } from "./compose.ts";
import type { Result } from "./decisions.ts";

interface Dependencies extends ComposeDependencies {
  readonly batches: DurableObjectNamespace<NotificationBatch>;
  readonly senders: readonly Sender[];
}

export type CreateOutcome =
  | { readonly kind: "created"; readonly id: BatchId; readonly batch: BatchSnapshot }
  | { readonly kind: "idempotency_mismatch" }
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/** How many seconds of sending a batch keeps in the queue, so that consumers never run out. */
const SECONDS_AHEAD = 3;
const LEAST_AHEAD = 100;

/** The use cases of batches; the only caller of batch objects. Calls for an unknown batch, or one of another app, return null. */
export class Batches {
  readonly #deps: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** Creates a batch. It is stored when this resolves, and sending starts. */
  async create(request: BatchRequest, idempotencyKey: IdempotencyKey | null): Promise<CreateOutcome> {
    const idempotency = requestOf(this.#deps.keyring, idempotencyKey);
    for (let use = 0; ; use += 1) {
      const id = idempotency === null ? newBatchId() : batchIdFor(idempotency, use);
      const outcome = await this.#create(id, request, idempotency === null ? null : idempotency.content);
      if (outcome.kind !== "key_expired") return outcome;
    }
  }

  async #create(
    id: BatchId,
    request: BatchRequest,
    content: string | null,
  ): Promise<CreateOutcome | { readonly kind: "key_expired" }> {
    const { senders } = this.#deps;
    const composed = await compose(id, request, this.#deps);
    if (composed.kind === "faults") return composed;
    const perSecond = senders.reduce((sum, sender) => sum + rateOf(sender, "notification"), 0);
    const outcome = await this.#object(id).create({
      app: request.app,
      template: request.template,
      recipients: composed.recipients,
      ahead: Math.max(LEAST_AHEAD, perSecond * SECONDS_AHEAD),
      content,
    });
    return outcome.kind === "created" ? { ...outcome, id } : outcome;
  }

  get(id: BatchId, scope: AppScope): Promise<BatchSnapshot | null> {
    return this.#object(id).read(scope);
  }

  pause(id: BatchId, scope: AppScope): Promise<BatchSnapshot | null> {
    return this.#object(id).pause(scope);
  }

  resume(id: BatchId, scope: AppScope): Promise<BatchSnapshot | null> {
    return this.#object(id).resume(scope);
  }

  cancel(id: BatchId, scope: AppScope): Promise<BatchSnapshot | null> {
    return this.#object(id).cancel(scope);
  }

  /** Which of these recipients may be sent now. */
  sendable(id: BatchId, ordinals: readonly number[]): Promise<readonly number[]> {
    return this.#object(id).sendable(ordinals);
  }

  take(id: BatchId, ordinals: readonly number[]): Promise<readonly number[]> {
    return this.#object(id).take(ordinals);
  }

  record(id: BatchId, results: readonly Result[]): Promise<void> {
    return this.#object(id).record(results);
  }

  #object(id: BatchId) {
    return this.#deps.batches.getByName(id);
  }
}
