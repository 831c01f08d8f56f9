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

/** Every check across several settings, with its rule as a sentence for docs/configuration.md. */
export const CHECKS: readonly (readonly [sentence: string, check: Check])[] = [
  ["There are at least three hosts.", hostsAreEnough],
  ["Every host has its own name, address and host key.", hostsAreDistinct],
  ["Every host's address is one that a machine on `network.hosts` can have.", hostsAreOnTheLan],
  ["The virtual IP is on `network.hosts` and is not the address of a host.", virtualIpIsFree],
  ["No subnet overlaps another, the hosts' LAN or Docker's pool.", subnetsAreApart],
  [
    "Every overlay has an address for each member, each host's load balancer and the gateway.",
    subnetsAreLargeEnough,
  ],
  ["Every host named in a placement exists.", placedHostsExist],
  ["No host runs two members of one listed group.", groupsAreSpread],
  [
    "There are three, five or seven etcd members, at least three coordinators and two proxies; every worker group has a primary and a standby.",
    groupsAreLargeEnough,
  ],
  ["The number of worker groups fits the strategy and `database.shardCount`.", workerGroupsAgree],
  [
    "Every host has enough memory and disk for all its members and enough cores for the largest one, as far as its size is in the settings.",
    hostsCanCarryTheirMembers,
  ],
  [
    "Patroni takes every timing as it is, without changing it silently, and a primary stops within its lease.",
    timingFitsTheLease,
  ],
  ["`synchronous_commit` does not turn off the waiting of a synchronous group.", synchronousGroupsWait],
  ["With `archive_mode`, exactly one of `archive_command` and `archive_library` is set.", archivingHasOneWay],
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
  ["Every registry has at most one login.", registriesAreDistinct],
  ["With RuVector, vectors have at most 1536 dimensions.", dimensionsFitTheEngine],
];
