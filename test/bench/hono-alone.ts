import { Hono } from "hono";

/** The least that a Worker on Hono can be: what start-up and size are measured against. */
export default new Hono().get("/health", (c) => c.json({ status: "ok" }));
