import { type App, createApp } from "./app.ts";
import { ConfigError } from "./config.ts";
import { type Deployment, deploy } from "./deployment.ts";
import { withRequestLog } from "./http/request-log.ts";
import { log } from "./platform/log.ts";
import { Problem } from "./platform/problem.ts";
import { consume } from "./queues.ts";
import { maintain } from "./schedule.ts";

// By name: `wrangler types` does not follow `export *`.
export {
  Contact,
  DestinationRange,
  LimitCounter,
  NotificationBatch,
  PhoneNumber,
  TallyShard,
  TemplateRegistry,
  WhatsAppHealth,
} from "./objects.ts";

interface Service extends Deployment {
  readonly app: App;
}

let service: Service | undefined;

/** Built by whatever comes first in an isolate. A deployment that is not fit to run says on its log what it lacks. */
function serviceOf(env: Env): Service | null {
  try {
    if (service === undefined) {
      const deployment = deploy(env);
      service = { ...deployment, app: createApp(deployment) };
    }
    return service;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log("error", "Sandi does not run: its configuration is incomplete", { error: error.message });
    return null;
  }
}

/** What a deployment that does not run says to everything. */
const refuse = withRequestLog((_, { requestId }) => new Problem("internal").toResponse(requestId));

export default {
  fetch(request, env, context) {
    const answer = serviceOf(env)?.app.fetch ?? refuse;
    return answer(request, context);
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
