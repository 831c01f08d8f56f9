# Waits until the managers agree: while the last of them join, the leader may change and Docker refuse everything.
# MANAGERS (how many) SUBNETS (name=subnet of each overlay network) ENCRYPTED (true or false), both as the settings have them;
# MTU (the smallest of the hosts' interfaces)
# shellcheck shell=bash

agreed() {
  local nodes
  nodes=$(docker node ls --format '{{.Status}} {{.ManagerStatus}}') || return 1
  # Later a host may be down; at the beginning none is.
  if [ "$1" = create ] && [ "$(grep -cE '^Ready (Leader|Reachable)$' <<<"$nodes")" -ne "$MANAGERS" ]; then
    printf 'the managers are\n%s\n' "$nodes"
    return 1
  fi
  grep -q '^Ready Leader$' <<<"$nodes"
}

# Twice in a row: an election may be under way.
steady() { agreed "$1" && sleep 2 && agreed "$1"; }

retry 120 steady "$1" || fail "the Swarm's managers do not agree on a leader: see docker node ls on the hosts; after a destroy that was cut off, run pulumi destroy again first"

# A network cannot change, and another in its place would need every service on it to go first.
rebuild="only a cluster that is taken down (pulumi destroy with deletionPolicy retain, which keeps the data) can come up with another"
for network in $SUBNETS; do
  present=$(docker network inspect --format '{{range .IPAM.Config}}{{.Subnet}}{{end}} {{if index .Options "encrypted"}}true{{else}}false{{end}} {{index .Options "com.docker.network.driver.mtu"}}' "${network%=*}" 2>/dev/null) || continue
  read -r subnet encrypted mtu <<<"$present"
  [ "$subnet" = "${network#*=}" ] ||
    fail "network ${network%=*} has the subnet $subnet and the settings say ${network#*=}: set it back; $rebuild"
  [ "$encrypted" = "$ENCRYPTED" ] ||
    fail "network.encrypted is $ENCRYPTED and network ${network%=*} was made with $encrypted: set it back; $rebuild"
  # Without the option Docker takes 1500.
  [ "${mtu:-1500}" -le "$MTU" ] ||
    say "warning: the hosts' LAN has an MTU of $MTU and network ${network%=*} was made for ${mtu:-1500}, so that packets are divided or lost: set the interfaces' MTU back; $rebuild"
done
exit 0
