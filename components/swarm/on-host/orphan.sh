# Removes an object of this cluster that an interrupted run made but could not record, so that it can be made anew.
# KIND (service, network, secret, config) NAME CLUSTER; nothing is done for objects that do not exist or are not the cluster's.
# shellcheck shell=bash

main() {
  local label='{{index .Spec.Labels "postgres-cluster"}}'
  [ "$KIND" != network ] || label='{{index .Labels "postgres-cluster"}}'
  [ "$(docker "$KIND" inspect --format "$label" "$NAME" 2>/dev/null)" = "$CLUSTER" ] || return 0
  lock_cluster "$KIND-$NAME"
  say "removing $KIND $NAME, which is left from an interrupted run"
  retry 60 docker "$KIND" rm "$NAME" || fail "$KIND $NAME is left from an interrupted run and cannot be removed: remove what uses it"
}
main
exit 0
