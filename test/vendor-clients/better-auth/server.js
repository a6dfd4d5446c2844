/** `node server.js <api> <key> [purpose]`: prints its port. */
import { createServer } from "node:http";
import { toNodeHandler } from "better-auth/node";
import { authOf } from "./auth.js";

const [, , api, key, purpose] = process.argv;
const server = createServer(toNodeHandler(authOf(api, key, purpose)));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
