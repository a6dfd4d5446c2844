/** Loaded into the Worker's process: when the process that forked it is gone, even by SIGKILL, it goes too. */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
