import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach } from "vitest";

declare global {
  namespace Cloudflare {
    interface Env {
      /** The journal's, as vitest.config.ts has read them: in the Worker there is no file system. */
      readonly MIGRATIONS: D1Migration[];
    }
  }
}

const migrate = () => applyD1Migrations(env.JOURNAL, env.MIGRATIONS);

beforeAll(migrate);
// And again each time, for `reset()` takes the tables with it.
beforeEach(migrate);
