/** Loaded into wrangler's process, so that an upload does not go on after the setup that began it was killed. */
const parent = process.ppid;

// Wrangler disconnects itself at its end; only after the parent's own end is there another parent.
process.once("disconnect", () => {
  setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGTERM"), 50).unref();
});
