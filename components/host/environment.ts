import { RunError } from "@pulumi/pulumi";

/** Variables of Docker's command line that Pulumi's Docker provider also reads, and prefers to its own settings. */
const misleading = [
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CERT_PATH",
  "DOCKER_CA_MATERIAL",
  "DOCKER_CERT_MATERIAL",
  "DOCKER_KEY_MATERIAL",
  "DOCKER_TLS_VERIFY",
  "DOCKER_API_VERSION",
];

/** Ends the program if the operator's environment would send the provider to other hosts than the cluster's. */
export function refuseMisleadingEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  const found = misleading.filter((name) => env[name]);
  if (found.length === 0) return;
  throw new RunError(
    `environment: ${found.join(", ")} would lead Pulumi's Docker provider away from the cluster's hosts; run: unset ${found.join(" ")}`,
  );
}
