import { X509Certificate } from "node:crypto";
import type { ClusterFacts } from "./facts.ts";

/** When a certificate that members use ends. */
export interface CertificateReport {
  /** The member's name, or `ca` for the authority. */
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly end: string;
  /** Whole days from now; negative when it has ended. */
  readonly daysLeft: number;
}

const day = 24 * 60 * 60 * 1000;

/** What certificates still have at least, in days: a member's is renewed by any `pulumi up` in its last 60. */
const least = { member: 30, authority: 365 } as const;

/** Those in the Swarm's configs, the one that ends first at the beginning. */
export function certificatesOf(cluster: ClusterFacts | null, now: Date): CertificateReport[] {
  const reports = (cluster?.swarm?.certificates ?? []).map(({ config, data }): CertificateReport => {
    const end = new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
    return {
      // Names of configs end in a hash of their content.
      name: config.replace(/(-tls-crt)?-[0-9a-f]+$/, ""),
      end: end.toISOString(),
      daysLeft: Math.floor((end.getTime() - now.getTime()) / day),
    };
  });
  return reports.sort((one, other) => one.end.localeCompare(other.end));
}

/** A sentence for each certificate that ends soon. */
export function certificateProblems(certificates: readonly CertificateReport[]): string[] {
  return certificates.flatMap(({ name, end, daysLeft }) => {
    const authority = name === "ca";
    if (daysLeft >= (authority ? least.authority : least.member)) return [];
    const when = `${daysLeft < 0 ? "ended" : "ends"} on ${end.slice(0, 10)}`;
    return authority
      ? [`the certificate authority ${when}, and every member's certificate with it; see docs/security.md`]
      : [`the certificate of ${name} ${when}; run pulumi up, which renews it`];
  });
}

/** The line for people. */
export function certificateLine(certificates: readonly CertificateReport[]): string {
  const [first] = certificates;
  if (!first) return "certificates: unknown";
  const whose = first.name === "ca" ? "the authority's" : `that of ${first.name}`;
  return `certificates: the first to end is ${whose}, on ${first.end.slice(0, 10)}, in ${first.daysLeft} days`;
}
