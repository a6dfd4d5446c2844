/** `node server.js <options as JSON>`: prints its port. */
import { createServer } from "node:http";
import { toNodeHandler } from "better-auth/node";
import { authOf } from "./auth.js";

const server = createServer(toNodeHandler(authOf(JSON.parse(process.argv[2]))));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
