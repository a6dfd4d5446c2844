import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { History } from "../history.ts";
import { Random } from "../random.ts";
import { findLeaks } from "../secrets.ts";
import { Alarms } from "./alarms.ts";
import { ROOT } from "./bundle.ts";
import { BINDING_HEADER, capnp } from "./config.ts";
import { Courier } from "./courier.ts";
import { Database } from "./database.ts";
import { Endpoint } from "./endpoint.ts";
import { Line } from "./line.ts";
import { type Listening, listen } from "./listen.ts";
import { Namespaces } from "./namespaces.ts";
import { Queues, type Verdict } from "./queues.ts";
import { ADMIN_KEY, values } from "./settings.ts";
import { Sky } from "./weather.ts";
import { WhatsApp } from "./whatsapp.ts";
import { freePort, WorkerdProcess } from "./workerd.ts";

const DRIVER = fileURLToPath(new URL("driver.js", import.meta.url));
const MIGRATIONS = join(ROOT, "src/journal/migrations");

interface Parts {
  readonly directory: string;
  readonly history: History;
  readonly sky: Sky;
  readonly line: Line;
  readonly whatsApp: WhatsApp;
  readonly courier: Courier;
  readonly queues: Queues;
  readonly database: Database;
  readonly namespaces: Namespaces;
  /** For forbidden calls: a valid key that may do something else. */
  readonly unscopedKey: string;
}

interface Machinery {
  readonly workerd: WorkerdProcess;
  readonly driver: Line;
  readonly alarms: Alarms;
  readonly listening: readonly Listening[];
}

/**
 * A Worker in bare workerd, and in this process everything that the platform and the world put around it:
 * KV, D1 and queues, WhatsApp and the phones, the team's endpoint. Only the Worker dies.
 */
export class World {
  readonly parts: Parts;
  readonly #machinery: Machinery;

  private constructor(parts: Parts, machinery: Machinery) {
    [this.parts, this.#machinery] = [parts, machinery];
  }

  /**
   * @param main The Worker's bundle.
   * @param directory Empty; for the objects' storage, the journal and the log.
   */
  static async open(main: string, directory: string, seed: number): Promise<World> {
    const [history, sky] = [new History(), new Sky()];
    const random = (label: string) => new Random(seed, label);
    const ports = { api: await freePort(), driver: await freePort() };
    const [line, driver] = [new Line(ports.api), new Line(ports.driver)];
    const courier = new Courier(history, sky, random("courier"), line);
    const api = `http://127.0.0.1:${ports.api}`;
    const whatsApp = await WhatsApp.open(history, sky, random("whatsapp"), api, (it) => courier.take(it));
    const database = new Database(join(directory, "journal.sqlite"), sky, random("d1"));
    const namespaces = new Namespaces(sky, random("kv"));
    const queues = new Queues(sky, random("queues"), {
      handOver: (queue, batch) => handOver(line, driver, queue, batch),
      watch: (queue, text) => {
        history.leaks.push(...findLeaks(text, `queue ${queue}`, ["code", "number"]));
      },
    });
    const endpoint = new Endpoint(history, sky, random("endpoint"));
    const listening = await Promise.all([
      listen((request, response) => void database.serve(request, response)),
      listen((request, response) => void namespaces.serve(request, response, bindingOf(request.headers))),
      listen((request, response) => void queues.serve(request, response, bindingOf(request.headers))),
      listen((request, response) => void endpoint.serve(request, response)),
    ]);
    const [d1, kv, queue, hook] = listening.map(({ port }) => port) as [number, number, number, number];
    const places = { ...ports, d1, kv, queues: queue, objects: "objects", main: "worker.js" };
    await mkdir(join(directory, places.objects), { recursive: true });
    await copyFile(main, join(directory, places.main));
    await copyFile(DRIVER, join(directory, "driver.js"));
    await writeFile(join(directory, "workerd.capnp"), capnp(places, values(whatsApp.url, api)));
    for (const file of (await readdir(MIGRATIONS)).toSorted()) {
      database.exec(await readFile(join(MIGRATIONS, file), "utf8"));
    }
    const workerd = new WorkerdProcess(directory, [ports.api, ports.driver]);
    await workerd.start();
    const unscopedKey = await setUp(line, `http://127.0.0.1:${hook}/events`, endpoint);
    return new World(
      {
        directory,
        history,
        sky,
        line,
        whatsApp,
        courier,
        queues,
        database,
        namespaces,
        unscopedKey,
      },
      { workerd, driver, alarms: new Alarms(join(directory, places.objects, "PhoneNumber")), listening },
    );
  }

  /** Ends the Worker in the middle of whatever it does, and starts another on what it left on the disk. */
  async killAndRestart(): Promise<void> {
    const { history, line } = this.parts;
    line.down();
    history.kills.push(history.now());
    await this.#machinery.workerd.kill();
    await this.#machinery.workerd.start();
    line.up();
  }

  /** The Worker is away until every alarm of a phone number is overdue. Resolves when they have rung. */
  async passDay(): Promise<void> {
    const { workerd, alarms } = this.#machinery;
    const { line } = this.parts;
    line.down();
    await workerd.kill();
    alarms.makeDue();
    await workerd.start();
    line.up();
    await alarms.haveRung();
  }

  /** Throws all objects out of memory, whatever they are doing. */
  async evict(): Promise<void> {
    const { history } = this.parts;
    history.evictions.push(history.now());
    await this.#machinery.driver.send("POST", "/evict", {});
  }

  /** Lets the Worker's schedule ring, as the platform does every ten minutes. */
  async ring(): Promise<void> {
    await this.#machinery.driver.send("POST", `/scheduled/${encodeURIComponent("*/10 * * * *")}`, {});
  }

  async close(): Promise<void> {
    const { courier, queues, whatsApp, database, line } = this.parts;
    courier.close();
    queues.close();
    await this.#machinery.workerd.kill();
    whatsApp.close();
    for (const server of this.#machinery.listening) server.close();
    line.close();
    this.#machinery.driver.close();
    database.close();
  }
}

/** Registers the team's endpoint, and makes a key that may read reports and nothing else. */
async function setUp(line: Line, url: string, endpoint: Endpoint): Promise<string> {
  const post = async <Body>(path: string, body: object): Promise<Body> => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" };
    const reply = await line.send("POST", path, headers, JSON.stringify(body));
    if (reply?.status !== 201) throw new Error(`${path} was answered ${reply?.status} ${reply?.text}`);
    return JSON.parse(reply.text) as Body;
  };
  endpoint.secret = (await post<{ secret: string }>("/v1/webhook-endpoints", { url })).secret;
  const key = await post<{ key: string }>("/v1/keys", { name: "Reports", scopes: ["reports"] });
  return key.key;
}

async function handOver(line: Line, driver: Line, queue: string, batch: object): Promise<Verdict | null> {
  await line.isUp();
  const headers = { "content-type": "application/json" };
  const reply = await driver.send("POST", `/queue/${queue}`, headers, JSON.stringify(batch));
  return reply?.status === 200 ? (JSON.parse(reply.text) as Verdict) : null;
}

function bindingOf(headers: Readonly<Record<string, unknown>>): string {
  return String(headers[BINDING_HEADER]);
}
