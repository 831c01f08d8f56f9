# Waits until members run their new specification and are ready. A member whose host is down is skipped.
# MEMBERS (name@host ...) ON_CREATE (wait or pass)
# shellcheck shell=bash

# The parts of a task or of a service's template that determine its container.
specification() { docker inspect --type "$1" --format "{{json $2.ContainerSpec}} {{json $2.Resources}} {{json $2.Networks}} {{json $2.Placement}} {{$2.ForceUpdate}}" "$3"; }

ready() {
  local task state
  task=$(docker service ps -q --no-trunc --filter desired-state=running "$1" | head -n 1)
  if [ -z "$task" ]; then
    echo "$1 has no task yet"
    return 1
  fi
  if [ "$(specification task .Spec "$task")" != "$(specification service .Spec.TaskTemplate "$1")" ]; then
    echo "$1 still runs its former specification"
    return 1
  fi
  state=$(docker inspect --type task --format '{{.Status.State}}' "$task")
  if [ "$state" != running ]; then
    echo "$1 is $state; its last errors:"
    docker service ps --no-trunc --format '{{.CurrentState}} {{.Error}}' "$1" | head -n 3
    return 1
  fi
}

main() {
  local member name host
  for member in $MEMBERS; do
    name=${member%@*} host=${member#*@}
    if host_is_down "$host"; then
      say "warning: $host is down; $name takes its new specification when it is back"
      continue
    fi
    docker service inspect "$name" >/dev/null 2>&1 ||
      fail "service $name is missing, although Pulumi's state has it: run pulumi up --refresh"
    retry 240 ready "$name" ||
      fail "$name on $host is not ready after 240 s: see docker service ps --no-trunc $name and docker service logs $name on any host"
  done
}

[ "$1-$ON_CREATE" = create-pass ] || main
exit 0
