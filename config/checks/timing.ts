import type { Check } from "./plan.ts";

/** Patroni 4.1 shortens its loop, and then its patience, until loopWait + 2 * retryTimeout fits the lease. */
export const timingFitsTheLease: Check = function* ({ settings }) {
  const { ttl, loopWait, retryTimeout, primaryStopTimeout } = settings.timing ?? {};
  if (ttl && retryTimeout && 1 + 2 * retryTimeout > ttl) {
    const most = Math.floor((ttl - 1) / 2);
    const message = `Patroni would silently use ${most}, the most that timing.ttl (${ttl}) leaves; set at most ${most}, or a longer ttl`;
    yield { path: ["timing", "retryTimeout"], message };
  } else if (ttl && retryTimeout && loopWait && loopWait + 2 * retryTimeout > ttl) {
    const most = ttl - 2 * retryTimeout;
    const message =
      `Patroni would silently use ${most}, what timing.ttl (${ttl}) leaves after twice timing.retryTimeout ` +
      `(${retryTimeout}); set at most ${most}, a shorter retryTimeout or a longer ttl`;
    yield { path: ["timing", "loopWait"], message };
  }
  if (ttl && primaryStopTimeout && primaryStopTimeout >= ttl) {
    const message = `a stopping primary would outlive its lease, timing.ttl (${ttl}); set less than ${ttl}`;
    yield { path: ["timing", "primaryStopTimeout"], message };
  }
};
