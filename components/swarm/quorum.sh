# Waits until the managers agree: while the last of them join, the leader may change and Docker refuse everything.
# MANAGERS (how many) ENCRYPTED (true or false: what the overlays have to be)
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

# Docker cannot change a network, and replacing one takes every member off it at once.
for network in $(docker network ls -q --filter driver=overlay --filter label=postgres-cluster); do
  made=$(docker network inspect --format '{{if index .Options "encrypted"}}true{{else}}false{{end}}' "$network")
  [ "$made" = "$ENCRYPTED" ] || fail "network.encrypted is $ENCRYPTED and the running cluster was made with $made: set it back; to change it take the cluster down with dataPolicy retain (pulumi destroy, then pulumi up), which keeps the data"
done
exit 0
