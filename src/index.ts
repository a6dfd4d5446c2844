import { type App, createApp, createUnconfiguredApp } from "./app.ts";
import { ConfigError } from "./config.ts";
import { type Deployment, deploy } from "./deployment.ts";
import { log } from "./platform/log.ts";
import { placed } from "./platform/placement.ts";
import { consume } from "./queues.ts";
import { maintain } from "./schedule.ts";

// By name: `wrangler types` does not follow `export *`.
export {
  ClientNetwork,
  Contact,
  DestinationRange,
  EndpointLane,
  Issuer,
  LimitCounter,
  MessageToken,
  NotificationBatch,
  PhoneNumber,
  SenderPace,
  TallyShard,
  TemplateRegistry,
  WhatsAppHealth,
} from "./objects.ts";

interface Service extends Deployment {
  readonly app: App;
}

let service: Service | undefined;

/** The service of this isolate, built by its first event. Null if the configuration is invalid; the log says why. */
function serviceOf(env: Env): Service | null {
  try {
    if (service === undefined) {
      const deployment = deploy(placed(env));
      service = { ...deployment, app: createApp(deployment) };
    }
    return service;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log("error", "Sandi does not run: its configuration is incomplete", { error: error.message });
    return null;
  }
}

export default {
  fetch(request, env, context) {
    const app = serviceOf(env)?.app ?? createUnconfiguredApp();
    return app.fetch(request, context);
  },
  async queue(batch, env) {
    const running = serviceOf(env);
    if (running === null) return batch.retryAll();
    await consume(batch, running);
  },
  async scheduled(controller, env) {
    const running = serviceOf(env);
    if (running !== null) await maintain(running, controller.cron);
  },
} satisfies ExportedHandler<Env>;
