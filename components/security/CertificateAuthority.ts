import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { needed } from "../host/needed.ts";
import { configFile, type FileOwner, type MountedFile, secretFile } from "../swarm/files.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { warnBeforeExpiry } from "./expiry.ts";

/** Paths of the certificates in a member's container. */
export const certificatePaths = {
  ca: "/run/secrets/ca.crt",
  certificate: "/run/secrets/tls.crt",
  key: "/run/secrets/tls.key",
} as const;

const hoursPerYear = 24 * 365;

export interface CertificateAuthorityArgs {
  swarm: SwarmAccess;
}

/** The cluster's private certificate authority; its key never leaves the stack's encrypted state. */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM; public. */
  readonly certificate: pulumi.Output<string>;
  /** The certificate as a file, for members that only verify others. */
  readonly trust: MountedFile;
  private readonly key: tls.PrivateKey;
  private readonly swarm: SwarmAccess;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("CertificateAuthority", args, "swarm");
    super("postgres-cluster:index:CertificateAuthority", name, {}, opts);
    this.swarm = args.swarm;
    this.key = privateKey(`${name}-key`, this);
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: this.key.privateKeyPem,
        isCaCertificate: true,
        subject: { commonName: "postgres-cluster CA" },
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: 10 * hoursPerYear,
      },
      { parent: this },
    );
    warnBeforeExpiry(certificate, {
      what: "the certificate authority",
      days: 365,
      cure: "every member's certificate ends with it; plan its replacement, see docs/security.md",
    });
    this.certificate = certificate.certPem;
    this.trust = configFile(
      `${name}-file`,
      { swarm: args.swarm, name: "ca", file: certificatePaths.ca, content: this.certificate },
      { parent: this },
    );
    this.registerOutputs({ certificate: this.certificate });
  }

  /**
   * A member's certificate for both ends of a connection, valid for a year and renewed by the first run within the
   * last 60 days. `commonName` is the member's name, which PostgreSQL maps to roles.
   */
  issue(
    name: string,
    args: { member: string; addresses?: pulumi.Input<string>[]; owner: FileOwner },
    opts: pulumi.CustomResourceOptions,
  ): MountedFile[] {
    const { member, owner } = args;
    const { swarm } = this;
    const key = privateKey(`${name}-key`, this);
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: member },
        dnsNames: [member, "localhost"],
        ipAddresses: ["127.0.0.1", ...(args.addresses ?? [])],
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        caPrivateKeyPem: this.key.privateKeyPem,
        caCertPem: this.certificate,
        certRequestPem: request.certRequestPem,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
        validityPeriodHours: hoursPerYear,
        earlyRenewalHours: 60 * 24,
      },
      { parent: this },
    );
    warnBeforeExpiry(certificate, {
      what: `the certificate of ${member}`,
      days: 60,
      cure: "this run does not renew it; run pulumi up without --target",
    });
    return [
      this.trust,
      configFile(
        `${name}-tls-crt`,
        {
          swarm,
          name: `${member}-tls-crt`,
          file: certificatePaths.certificate,
          content: certificate.certPem,
        },
        opts,
      ),
      secretFile(
        `${name}-tls-key`,
        { swarm, name: `${member}-tls-key`, file: "tls.key", content: key.privateKeyPem, owner },
        opts,
      ),
    ];
  }
}

function privateKey(name: string, parent: pulumi.Resource): tls.PrivateKey {
  return new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
}
