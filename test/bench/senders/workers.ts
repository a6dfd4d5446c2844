/** Replaces `cloudflare:workers` in the bundle of the simulation. */
export class DurableObject {
  readonly ctx: DurableObjectState;
  readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

export function waitUntil(work: Promise<unknown>): void {
  void work;
}
