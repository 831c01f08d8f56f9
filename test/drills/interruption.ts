/** Ctrl-C, and what else ends a program: what has been broken is healed first. */
export const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => interruption.abort(new Error("interrupted")));
}
