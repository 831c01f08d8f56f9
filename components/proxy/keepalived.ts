import type { Member } from "../../config/topology.ts";
import type { HostsConfig } from "../host/HostsPlan.ts";
import { clientPorts } from "../host/preflight.ts";

/** The virtual address with the length of the LAN's prefix, as `ip` writes it. */
export function virtualAddress({ network, virtualIp }: HostsConfig): string {
  return `${virtualIp.address}/${network.hosts.split("/")[1]}`;
}

/** The host that a proxy is pinned to. */
export function hostOf<Host extends { readonly name: string }>(hosts: readonly Host[], proxy: Member): Host {
  const host = hosts.find(({ name }) => name === proxy.host);
  if (!host)
    throw new Error(`${proxy.name} is placed on ${proxy.host}, which is no host of the configuration`);
  return host;
}

/**
 * keepalived's configuration for one of the proxies' hosts; `@INTERFACE@` is filled in by virtual-ip-keepalived.sh.
 * Every move of the address breaks the sessions that use it, so it moves only when its host fails: a host that comes back
 * does not take it (`nopreempt`). The first proxy's host has it first, because it has the higher priority.
 */
export function keepalivedConf(plan: HostsConfig, proxies: readonly Member[], proxy: Member): string {
  const { address } = hostOf(plan.hosts, proxy);
  const peers = proxies.filter((other) => other !== proxy).map((other) => hostOf(plan.hosts, other).address);
  return `global_defs {
  vrrp_version 3
  vrrp_check_unicast_src
  # The address is announced anew from time to time, for a client that missed the first announcements.
  vrrp_garp_master_delay 1
  vrrp_garp_master_refresh 10
  # On a busy machine it takes the priority that it needs to speak in time.
  max_auto_priority 20
  script_user nobody
  enable_script_security
}

# HAProxy answers where clients reach it.
vrrp_script haproxy {
  script "/usr/bin/curl -q -fs -m 0.9 --noproxy * -o /dev/null http://${address}:${clientPorts.stats}/alive"
  interval 1
  timeout 1
  fall 2
  rise 2
  # Until it is known to answer, this host does not take the address.
  init_fail
}

vrrp_instance clients {
  state BACKUP
  nopreempt
  priority ${150 - 50 * proxies.indexOf(proxy)}
  interface @INTERFACE@
  virtual_router_id ${plan.virtualIp.routerId}
  # A silent holder is given up after three of these and a little.
  advert_int 0.5
  unicast_src_ip ${address}
  unicast_peer {
${peers.map((peer) => `    ${peer}\n`).join("")}  }
  virtual_ipaddress {
    ${virtualAddress(plan)}
  }
  track_script {
    haproxy
  }
}
`;
}
