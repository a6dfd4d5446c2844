/** In place of `cloudflare:workers`, for modules that a description imports and has no use of: the build runs in Node. */

export class DurableObject {}

export function waitUntil(): void {}
