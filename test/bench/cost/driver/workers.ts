/** In place of `cloudflare:workers`, for the Worker alone: its objects live in the driver's memory. */
export class DurableObject {
  readonly ctx: DurableObjectState;
  readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    [this.ctx, this.env] = [ctx, env];
  }
}

export { waitUntil } from "./background.ts";
