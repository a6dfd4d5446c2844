/** `node run.js <api> <phone> <number>`: drives `npm run dev` with the installed package. */
import { once } from "node:events";
import { createServer } from "node:http";
import { clientOf, keyNames, receive, verify } from "./app.js";

const [, , api, phone, to] = process.argv;
const sandi = clientOf(api, "local-development-only-admin-key");

async function readCode() {
  const response = await fetch(`${phone}/_sim/messages?to=${encodeURIComponent(to)}`);
  const { messages } = await response.json();
  return messages[0].code;
}

const deliveries = [];
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  deliveries.push([body, new Headers(request.headers)]);
  response.writeHead(204).end();
  receiver.emit("delivery");
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const endpoint = await sandi.webhookEndpoints.create({
  url: `http://127.0.0.1:${receiver.address().port}/sandi`,
  event_types: ["verification.approved"],
});

await sandi.keys.create({ name: `first ${to}`, scopes: ["verifications"] });
await sandi.keys.create({ name: `second ${to}`, scopes: ["reports"] });
const steps = await verify(sandi, to, readCode);
const names = await keyNames(sandi);
if (deliveries.length === 0) await once(receiver, "delivery");
const received = receive(...deliveries[0], endpoint.secret);
await sandi.webhookEndpoints.delete(endpoint.id);
receiver.close();
receiver.closeAllConnections();

const own = names.filter((name) => name.endsWith(to)).sort();
console.log(JSON.stringify({ node: process.versions.node.split(".")[0], steps, names: own, received }));
