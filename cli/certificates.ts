import { X509Certificate } from "node:crypto";
import type { ClusterFacts } from "./facts.ts";

/** When a certificate that members use expires. */
export interface CertificateReport {
  /** The member's name, or `ca` for the authority. */
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly end: string;
  /** Whole days from now; negative if it has expired. */
  readonly daysLeft: number;
}

const day = 24 * 60 * 60 * 1000;

/** Days of validity below which a certificate is a problem. Any `pulumi up` in a member's last 60 days renews its certificate. */
const least = { member: 30, authority: 365 } as const;

/** The certificates in the Swarm's configs; the one that expires first comes first. */
export function certificatesOf(cluster: ClusterFacts | null, now: Date): CertificateReport[] {
  const reports = (cluster?.swarm?.certificates ?? []).map(({ config, data }): CertificateReport => {
    const end = new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
    return {
      // The name of a config ends in a hash of its content.
      name: config.replace(/(-tls-crt)?-[0-9a-f]+$/, ""),
      end: end.toISOString(),
      daysLeft: Math.floor((end.getTime() - now.getTime()) / day),
    };
  });
  return reports.sort((one, other) => one.end.localeCompare(other.end));
}

/** A sentence for each certificate that expires soon. */
export function certificateProblems(certificates: readonly CertificateReport[]): string[] {
  return certificates.flatMap(({ name, end, daysLeft }) => {
    const authority = name === "ca";
    if (daysLeft >= (authority ? least.authority : least.member)) return [];
    const when = `${daysLeft < 0 ? "expired" : "expires"} on ${end.slice(0, 10)}`;
    return authority
      ? [`the certificate authority ${when}, and every member's certificate with it; see docs/security.md`]
      : [`the certificate of ${name} ${when}; run pulumi up, which renews it`];
  });
}

/** The line about certificates in the table. */
export function certificateLine(certificates: readonly CertificateReport[]): string {
  const [first] = certificates;
  if (!first) return "certificates: unknown";
  const which = first.name === "ca" ? "the authority's" : `that of ${first.name}`;
  return `certificates: ${which} expires first, on ${first.end.slice(0, 10)}, in ${first.daysLeft} days`;
}
