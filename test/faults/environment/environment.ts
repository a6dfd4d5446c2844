import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deserialize } from "node:v8";
import { Clock } from "../../clock/clock.ts";
import { migrationStatements } from "../../world/migrations.ts";
import { freePort, type Listening, listen } from "../../world/network.ts";
import { SETTINGS } from "../../world/project.ts";
import { Random } from "../../world/random.ts";
import { Workerd } from "../../world/workerd.ts";
import { BINDING_HEADER, FILES } from "../../world/workerd-config.ts";
import { History } from "../history.ts";
import { findLeaks } from "../secrets.ts";
import { Alarms } from "./alarms.ts";
import { Connection } from "./connection.ts";
import { D1Service } from "./d1.ts";
import { EventEndpoint } from "./event-endpoint.ts";
import { Faults } from "./fault-rates.ts";
import { KvService } from "./kv.ts";
import { Provider } from "./provider.ts";
import { type BatchResult, QueueService } from "./queues.ts";
import { type Keys, type RelyingParties, setUp } from "./set-up.ts";
import { workerValues } from "./settings.ts";
import { WebhookDelivery } from "./webhook-delivery.ts";

/** The Worker's log in the environment's directory. */
export const LOG_FILE = "worker.log";

interface Services {
  readonly directory: string;
  readonly history: History;
  readonly faults: Faults;
  readonly connection: Connection;
  readonly provider: Provider;
  readonly webhooks: WebhookDelivery;
  readonly queues: QueueService;
  readonly d1: D1Service;
  readonly kv: KvService;
  readonly keys: Keys;
  readonly relyingParties: RelyingParties;
  /** Where the Worker listens, and the issuer of its tokens. */
  readonly origin: string;
}

interface Internals {
  readonly workerd: Workerd;
  readonly driver: Connection;
  readonly alarms: Alarms;
  readonly listening: readonly Listening[];
}

/**
 * A Worker in bare workerd and, in this process, the services around it: KV, D1, queues, WhatsApp with its phones,
 * and the team's endpoint. Only the Worker is ever killed.
 */
export class Environment {
  readonly services: Services;
  readonly #internals: Internals;
  #clock: Clock | null = null;

  private constructor(services: Services, internals: Internals) {
    [this.services, this.#internals] = [services, internals];
  }

  /**
   * @param main The path of the Worker's bundle.
   * @param directory Empty; for the objects' storage, the journal and the log.
   */
  static async open(main: string, directory: string, seed: number): Promise<Environment> {
    const [history, faults] = [new History(), new Faults()];
    const random = (label: string) => new Random(seed, label);
    const ports = { api: await freePort(), driver: await freePort() };
    const [connection, driver] = [new Connection(ports.api), new Connection(ports.driver)];
    const webhooks = new WebhookDelivery(history, faults, random("webhooks"), connection);
    const api = `http://127.0.0.1:${ports.api}`;
    const provider = await Provider.open(history, faults, random("provider"), api, (request) =>
      webhooks.accept(request),
    );
    const d1 = new D1Service(join(directory, "journal.sqlite"), faults, random("d1"));
    const kv = new KvService(faults, random("kv"));
    const queues = new QueueService(faults, random("queues"), {
      deliver: (queue, batch) => deliver(connection, driver, queue, batch),
      onMessage: (queue, text) => {
        history.leaks.push(...findLeaks(text, `queue ${queue}`, ["code", "number"]));
      },
      onRefused: (queue, texts) => history.refusals.push({ queue, texts }),
    });
    const endpoint = new EventEndpoint(history, faults, random("endpoint"));
    const d1Server = await listen((request, response) => void d1.serve(request, response));
    const kvServer = await listen((request, response) => {
      void kv.serve(request, response, bindingOf(request.headers));
    });
    const queueServer = await listen((request, response) => {
      void queues.serve(request, response, bindingOf(request.headers));
    });
    const endpointServer = await listen((request, response) => void endpoint.serve(request, response));
    for (const statement of await migrationStatements()) d1.exec(statement);
    const workerd = await Workerd.open({
      settings: SETTINGS,
      values: workerValues(provider.url, api),
      main,
      directory,
      port: ports.api,
      platform: {
        kind: "external",
        d1: d1Server.port,
        kv: kvServer.port,
        queues: queueServer.port,
        driver: ports.driver,
      },
      log: LOG_FILE,
    });
    const url = `http://127.0.0.1:${endpointServer.port}`;
    const { keys, relyingParties } = await setUp(connection, url, endpoint);
    return new Environment(
      {
        directory,
        history,
        faults,
        connection,
        provider,
        webhooks,
        queues,
        d1,
        kv,
        keys,
        relyingParties,
        origin: api,
      },
      {
        workerd,
        driver,
        alarms: new Alarms(join(directory, FILES.objects, "PhoneNumber")),
        listening: [d1Server, kvServer, queueServer, endpointServer],
      },
    );
  }

  /** Kills the Worker and starts another on the storage that it left. */
  async killAndRestart(): Promise<void> {
    const { history, connection } = this.services;
    connection.down();
    history.kills.push(history.now());
    await this.#internals.workerd.kill();
    await this.#internals.workerd.start();
    connection.up();
  }

  /** Restarts the Worker with the alarms of all phone numbers due. Resolves when they have run. */
  async runAlarms(): Promise<void> {
    const { workerd, alarms } = this.#internals;
    const { connection } = this.services;
    connection.down();
    await workerd.kill();
    alarms.makeDue();
    await workerd.start();
    connection.up();
    await alarms.haveRun();
  }

  /** Stops the Worker, lets time pass until the next alarm of a number, and starts it. Returns the seconds. */
  async passUntilAlarm(): Promise<number> {
    const { workerd, alarms } = this.#internals;
    const { connection, directory } = this.services;
    this.#clock ??= new Clock(directory);
    const at = alarms.next() ?? this.#clock.now();
    const seconds = Math.max(1, Math.ceil((at - this.#clock.now()) / 1000));
    connection.down();
    await workerd.kill();
    this.#clock.advance(seconds);
    await workerd.start(this.#clock.env);
    connection.up();
    await alarms.haveRunUntil(at);
    return seconds;
  }

  /** The sends of verifications that were not approved, as all ranges have counted them. */
  unverifiedInRanges(): number {
    const path = join(this.services.directory, FILES.objects, "DestinationRange");
    const files = existsSync(path)
      ? readdirSync(path).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name))
      : [];
    return files.reduce((sum, name) => sum + unverifiedIn(join(path, name)), 0);
  }

  /** Aborts every Durable Object, in the middle of its work if it has any. */
  async evict(): Promise<void> {
    const { history } = this.services;
    history.evictions.push(history.now());
    await this.#internals.driver.send("POST", "/evict", {});
  }

  /** Runs the Worker's ten-minute schedule. */
  async runSchedule(): Promise<void> {
    await this.#internals.driver.send("POST", `/scheduled/${encodeURIComponent("*/10 * * * *")}`, {});
  }

  async close(): Promise<void> {
    const { webhooks, queues, provider, d1, connection } = this.services;
    webhooks.close();
    queues.close();
    await this.#internals.workerd.kill();
    provider.close();
    for (const server of this.#internals.listening) server.close();
    connection.close();
    this.#internals.driver.close();
    d1.close();
  }
}

async function deliver(
  connection: Connection,
  driver: Connection,
  queue: string,
  batch: object,
): Promise<BatchResult | null> {
  await connection.whenUp();
  const headers = { "content-type": "application/json" };
  const reply = await driver.send("POST", `/queue/${queue}`, headers, JSON.stringify(batch));
  return reply?.status === 200 ? (JSON.parse(reply.text) as BatchResult) : null;
}

/** Reads the record of a range's object from workerd's file. */
function unverifiedIn(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  // An object that has only been asked has no table.
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_KV'").get() !== undefined;
  const row = (hasTable ? db.prepare("SELECT value FROM _cf_KV WHERE key = 'range'").get() : undefined) as
    | { value: Uint8Array }
    | undefined;
  db.close();
  if (row === undefined) return 0;
  const { counters } = deserialize(Buffer.from(row.value)) as RangeRecord;
  return counters.days.reduce((sum, { sends, approvals }) => sum + sends - approvals, 0);
}

interface RangeRecord {
  readonly counters: { readonly days: readonly { readonly sends: number; readonly approvals: number }[] };
}

function bindingOf(headers: Readonly<Record<string, unknown>>): string {
  return String(headers[BINDING_HEADER]);
}
