import * as pulumi from "@pulumi/pulumi";

const day = 24 * 60 * 60 * 1000;

/** A sentence if a certificate that expires at `end` (ISO 8601) has fewer than `days` left, or undefined. */
export function expiryWarning(what: string, end: string, days: number, now: Date): string | undefined {
  const left = Math.floor((Date.parse(end) - now.getTime()) / day);
  if (left >= days) return undefined;
  return `${what} ${left < 0 ? "ended" : "ends"} on ${end.slice(0, 10)}, ${Math.abs(left)} days ${left < 0 ? "ago" : "from now"}`;
}

/**
 * Warns, in `preview` and `up`, about a certificate that expires within so many days and is not renewed by this run: a renewed
 * one has its new expiry, which is unknown in a preview.
 */
export function warnBeforeExpiry(
  resource: pulumi.Resource & { readonly validityEndTime: pulumi.Output<string> },
  args: { what: string; days: number; cure: string },
): void {
  resource.validityEndTime.apply((end) => {
    const warning = end && expiryWarning(args.what, end, args.days, new Date());
    if (warning) void pulumi.log.warn(`${warning}: ${args.cure}`, resource);
  });
}
