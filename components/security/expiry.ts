import * as pulumi from "@pulumi/pulumi";

const day = 24 * 60 * 60 * 1000;

/** A sentence when a certificate that ends at that time (ISO 8601) has fewer days left, or undefined. */
export function expiryWarning(what: string, end: string, days: number, now: Date): string | undefined {
  const left = Math.floor((Date.parse(end) - now.getTime()) / day);
  if (left >= days) return undefined;
  return `${what} ${left < 0 ? "ended" : "ends"} on ${end.slice(0, 10)}, ${Math.abs(left)} days ${left < 0 ? "ago" : "from now"}`;
}

/**
 * Warns, in `preview` and `up`, of a certificate that still ends within so many days after this run; a certificate that
 * the run renews has its new end, or in a preview an unknown one.
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
