# Waits until the managers have a stable leader: while the last ones join, it may change, and Docker refuses all requests.
# MANAGERS (how many) SUBNETS (name=subnet of each overlay network) ENCRYPTED (true or false), both as the settings have them;
# MTU (the smallest of the hosts' interfaces)
# shellcheck shell=bash

agreed() {
  local nodes
  nodes=$(docker node ls --format '{{.Status}} {{.ManagerStatus}}') || return 1
  # At the first deployment every host has to be up; later one may be down.
  if [ "$1" = create ] && [ "$(grep -cE '^Ready (Leader|Reachable)$' <<<"$nodes")" -ne "$MANAGERS" ]; then
    printf 'the managers are\n%s\n' "$nodes"
    return 1
  fi
  grep -q '^Ready Leader$' <<<"$nodes"
}

# Twice in a row, because an election may be in progress.
steady() { agreed "$1" && sleep 2 && agreed "$1"; }

retry 120 steady "$1" || fail "the Swarm's managers do not agree on a leader: see docker node ls on the hosts; after a destroy that was interrupted, run pulumi destroy again first"

# A network cannot change. To replace it, every service on it would have to be removed first.
rebuild="only a cluster that is taken down (pulumi destroy with deletionPolicy retain, which keeps the data) can come up with another"
for network in $SUBNETS; do
  present=$(docker network inspect --format '{{range .IPAM.Config}}{{.Subnet}}{{end}} {{if index .Options "encrypted"}}true{{else}}false{{end}} {{index .Options "com.docker.network.driver.mtu"}}' "${network%=*}" 2>/dev/null) || continue
  read -r subnet encrypted mtu <<<"$present"
  [ "$subnet" = "${network#*=}" ] ||
    fail "network ${network%=*} has the subnet $subnet and the settings say ${network#*=}: set it back; $rebuild"
  [ "$encrypted" = "$ENCRYPTED" ] ||
    fail "network.encrypted is $ENCRYPTED and network ${network%=*} was created with $encrypted: set it back; $rebuild"
  # Without the option Docker uses 1500.
  [ "${mtu:-1500}" -le "$MTU" ] ||
    say "warning: the hosts' LAN has an MTU of $MTU and network ${network%=*} was created for ${mtu:-1500}, so packets are fragmented or lost: set the interfaces' MTU back; $rebuild"
done
exit 0
