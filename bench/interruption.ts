/** Ctrl-C, and what else ends a program: it first cleans up, and heals what it has broken. */
export const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => interruption.abort(new Error("interrupted")));
}
