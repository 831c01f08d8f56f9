# The named volumes of a host's members. Only `delete` under the policy `delete` ever removes one.
# HOST VOLUMES POLICY
# shellcheck shell=bash

create() {
  local volume
  for volume in $VOLUMES; do
    docker volume create --label postgres-cluster "$volume" >/dev/null || fail "volume $volume could not be made"
  done
}

remove() { docker volume rm -f "$1"; }

delete() {
  [ "$POLICY" = delete ] || return 0
  local volume
  for volume in $VOLUMES; do
    # The containers of services that were just removed take a moment to go.
    retry 90 remove "$volume" >/dev/null || fail "volume $volume is still in use: see docker ps on the host"
  done
}

lock_host
"$1"
exit 0
