import { env } from "cloudflare:workers";
import { createApp } from "../../../src/app.ts";
import { deploy } from "../../../src/deployment.ts";

/** Answers requests as a deployment with this issuer does, in development or not. */
export function appWithIssuer(issuer: string | null, isDevelopment: boolean) {
  const deployment = deploy(env);
  const signIn = { ...deployment.config.signIn, issuer };
  const app = createApp({ ...deployment, config: { ...deployment.config, signIn, isDevelopment } });
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;
  return async (url: string, init: RequestInit = {}) => app.fetch(new Request(url, init), context);
}
