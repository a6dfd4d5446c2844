/** Loaded into wrangler's process, which ends when the process that forked it has ended, even by SIGKILL. */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
