import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach } from "vitest";

declare global {
  namespace Cloudflare {
    interface Env {
      /** The migrations of the journal, which vitest.config.ts reads, because a Worker has no file system. */
      readonly MIGRATIONS: D1Migration[];
    }
  }
}

const migrate = () => applyD1Migrations(env.JOURNAL, env.MIGRATIONS);

beforeAll(migrate);
// `reset()` deletes the tables between tests.
beforeEach(migrate);
