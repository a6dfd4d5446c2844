import { Hono } from "hono";

/** The smallest Worker on Hono: the reference for start-up time and size. */
export default new Hono().get("/health", (c) => c.json({ status: "ok" }));
