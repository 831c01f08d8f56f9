# The named volumes of a host's members. Only `delete` under the policy `delete` ever removes one.
# HOST VOLUMES POLICY CLUSTER (whose they are)
# shellcheck shell=bash

# Those that an earlier cluster has left here with its data, and that go on as this one's: a volume's label never changes.
adopted=${owner_file%/*}/volumes

owner_of() { docker volume inspect --format '{{index .Labels "postgres-cluster"}}' "$1" 2>/dev/null; }

create() {
  local volume
  for volume in $VOLUMES; do
    docker volume create --label "postgres-cluster=$CLUSTER" "$volume" >/dev/null || fail "volume $volume could not be created"
    if [ "$(owner_of "$volume")" != "$CLUSTER" ] && ! grep -qxF "$volume" "$adopted" 2>/dev/null; then
      say "volume $volume is there from an earlier cluster: its data goes on as this one's"
      echo "$volume" >>"$adopted"
    fi
  done
}

remove() { docker volume rm -f "$1"; }

delete() {
  [ "$POLICY" = delete ] || return 0
  host_is_ours || return 0
  local volume
  for volume in $VOLUMES; do
    [ "$(owner_of "$volume")" = "$CLUSTER" ] || grep -qxF "$volume" "$adopted" 2>/dev/null || continue
    # Containers of services that were just removed still exist for a moment.
    retry 90 remove "$volume" >/dev/null || fail "volume $volume is still in use: see docker ps on the host"
  done
}

lock_host
"$1"
exit 0
