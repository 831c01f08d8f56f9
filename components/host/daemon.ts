import type { ImagesConfig, NetworkConfig } from "../../config/ClusterConfig.ts";
import { broadcastAddress, networkAddress, prefixOf } from "../../config/units.ts";
import { keepalives } from "./keepalives.ts";

/** Splits a pool into two halves of equal size: Docker's bridges take the first, Swarm's own networks the second. */
export function halves(pool: string): { bridges: string; swarm: string } {
  const prefix = prefixOf(pool) + 1;
  const half = (address: string) => `${networkAddress(`${address}/${prefix}`)}/${prefix}`;
  return { bridges: half(networkAddress(pool)), swarm: half(broadcastAddress(pool)) };
}

/** Processes of one user on one host. */
const MOST_PROCESSES = 16384;

/** The Docker daemon's configuration. */
export function daemonJson(
  network: Pick<NetworkConfig, "dockerPool">,
  insecureRegistries: ImagesConfig["insecureRegistries"] = [],
): string {
  return JSON.stringify(
    {
      // Without a limit a chatty container fills the disk that the data lies on.
      "log-driver": "json-file",
      "log-opts": { "max-size": "10m", "max-file": "3" },
      // Swarm refuses to run with it.
      "live-restore": false,
      // Docker's default pool overlaps the hosts' LAN.
      "default-address-pools": [{ base: halves(network.dockerPool).bridges, size: 24 }],
      // No program in a container gets more rights than it was started with.
      "no-new-privileges": true,
      // Docker's provider cannot limit the processes of a container. This limits those of each user on the host, and leaves
      // half of the process ids that a kernel has by default to everybody else.
      "default-ulimits": { nproc: { Name: "nproc", Soft: MOST_PROCESSES, Hard: MOST_PROCESSES } },
      ...(insecureRegistries.length > 0 && {
        "insecure-registries": insecureRegistries,
      }),
    },
    null,
    2,
  );
}

/** Kernel settings: a dead peer is detected in about a minute, memory is not swapped, programs can bind the virtual IP. */
export const sysctls = [
  ...Object.entries(keepalives).map(([name, value]) => `${name} = ${value}`),
  "net.ipv4.ip_nonlocal_bind = 1",
  "net.core.somaxconn = 4096",
  "vm.swappiness = 1",
].join("\n");
