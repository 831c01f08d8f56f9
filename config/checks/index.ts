import type { Check } from "./candidate.ts";
import {
  archivingHasOneWay,
  dimensionsFitTheEngine,
  librariesAreInTheImage,
  memoryFitsTheMember,
  synchronousGroupsWait,
  timingFitsTheLease,
  versionsGoWithTheirImage,
} from "./database.ts";
import { keyIsGivenOnce, registriesAreDistinct } from "./logins.ts";
import {
  hostsAreDistinct,
  hostsAreEnough,
  hostsAreOnTheLan,
  subnetsAreApart,
  subnetsAreLargeEnough,
  virtualIpIsFree,
} from "./network.ts";
import {
  groupsAreLargeEnough,
  groupsAreSpread,
  hostsCanCarryTheirMembers,
  placedHostsExist,
  workerGroupsAgree,
} from "./placement.ts";

/** Every check across several settings, with what it sees to; the sentences are part of docs/configuration.md. */
export const CHECKS: readonly (readonly [sentence: string, check: Check])[] = [
  ["There are at least three hosts.", hostsAreEnough],
  ["Names, addresses and keys of hosts are each host's own.", hostsAreDistinct],
  ["Every host's address is a machine's address on `network.hosts`.", hostsAreOnTheLan],
  ["The virtual IP is on `network.hosts` and no host's address.", virtualIpIsFree],
  ["No subnet overlaps another, the hosts' LAN or Docker's pool.", subnetsAreApart],
  [
    "Every overlay has an address for each member, each host's load balancer and the gateway.",
    subnetsAreLargeEnough,
  ],
  ["Every host named in a placement exists.", placedHostsExist],
  ["No host carries two members of one listed group.", groupsAreSpread],
  [
    "etcd has three, five or seven members, coordinators are three or more, a shard has a primary and a standby, proxies are two.",
    groupsAreLargeEnough,
  ],
  ["The number of worker groups fits the strategy and `database.shardCount`.", workerGroupsAgree],
  [
    "Every host has the memory and disk of all its members and the cores of the largest, as far as the settings say what it has.",
    hostsCanCarryTheirMembers,
  ],
  [
    "No timing is one that Patroni would silently change, and a primary stops within its lease.",
    timingFitsTheLease,
  ],
  [
    "A synchronous group is not told by `synchronous_commit` to commit without its standby.",
    synchronousGroupsWait,
  ],
  ["`archive_mode` comes with either `archive_command` or `archive_library`.", archivingHasOneWay],
  ["No parameter gives PostgreSQL all the memory of its member, or more.", memoryFitsTheMember],
  [
    "Libraries of `shared_preload_libraries` are in the image of `make images`, unless `images.database` is set.",
    librariesAreInTheImage,
  ],
  [
    "`images.citus` and `images.ruvector` are set only together with `images.database`.",
    versionsGoWithTheirImage,
  ],
  ["`ssh.privateKey` and `ssh.privateKeyFile` are not both set.", keyIsGivenOnce],
  ["A registry has one login.", registriesAreDistinct],
  ["RuVector is chosen for at most 1536 dimensions.", dimensionsFitTheEngine],
];
