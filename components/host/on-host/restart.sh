# Restarts Docker for a new configuration or newer packages. This also restarts the host's members, so hosts follow one after
# another, and only while the whole cluster is healthy.
# HOST UPDATE (any text; when it changes, Docker's packages are upgraded)
# MEMBERS (a line for each Patroni group: its name and its members' names)
# shellcheck shell=bash

own=/etc/postgres-cluster

in_swarm() { [ "$(docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null)" = true ]; }

is_outdated() {
  local started
  started=$(systemctl show --timestamp=unix -p ActiveEnterTimestamp --value docker)
  [ "$(stat -c %Y /etc/docker/daemon.json)" -gt "${started#@}" ]
}

# upgrade OPTION...
upgrade() {
  docker_packages | xargs apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
    install -y --only-upgrade --allow-change-held-packages --no-install-recommends "$@"
}

has_newer_packages() {
  [ "$(cat "$own/docker-update" 2>/dev/null)" != "$UPDATE" ] || return 1
  apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null || fail "apt-get update failed: check the host's package sources and its network"
  upgrade -s | grep -q '^Inst'
}

# Runs in a database member: every group has a leader, and all its other members stream.
groups_are_healthy() {
  local group members member answer
  while read -r group members; do
    answer=
    for member in $members; do
      answer=$(curl -fsS --connect-timeout 2 -m 5 --cacert /run/secrets/ca.crt "https://$member:8008/cluster" 2>/dev/null) && break
    done
    if ! jq -e --arg names "$members" '.members as $all | all($names | split(" ")[]; . as $name | any($all[];
        .name == $name and .state == (if .role == "leader" then "running" else "streaming" end))) and
        any($all[]; .role == "leader")' <<<"${answer:-null}" >/dev/null 2>&1; then
      echo "$group lacks its leader or a streaming member"
      return 1
    fi
  done <<<"$1"
}

# Prints what the cluster lacks. A host asks its own members: those that it is about to stop.
is_healthy() {
  local lacking id group
  lacking=$(docker node ls --format '{{.Hostname}} is {{.Status}}, {{.Availability}}, {{.ManagerStatus}}') || {
    echo "the Swarm has no quorum"
    return 1
  }
  lacking=$(grep -vE ' is Ready, Active, (Leader|Reachable)$' <<<"$lacking" || true)
  lacking+=$'\n'$(docker service ls --filter label=postgres-cluster --format '{{.Name}} has {{.Replicas}} tasks' | grep -v ' has 1/1' || true)
  if [ "$lacking" != $'\n' ]; then
    printf '%s\n' "$lacking"
    return 1
  fi
  if id=$(member_here etcd 2>/dev/null); then
    docker exec "$id" etcdctl --endpoints https://127.0.0.1:2379 --cacert /run/secrets/ca.crt --cert /run/secrets/tls.crt \
      --key /run/secrets/tls.key endpoint health --cluster >/dev/null 2>&1 || {
      echo "not every etcd member answers"
      return 1
    }
  fi
  while read -r group _; do
    id=$(member_here "$group" 2>/dev/null) || continue
    docker exec "$id" bash -c "$(declare -f groups_are_healthy)"$'\n''groups_are_healthy "$1"' - "$MEMBERS"
    return
  done <<<"$MEMBERS"
}

availability() { docker node update --availability "$1" "$(docker info --format '{{.Swarm.NodeID}}')" >/dev/null; }
is_empty() { [ -z "$(docker ps -q --filter label=postgres-cluster)" ]; }

# Members get their full time to stop only if Swarm stops them; then a leader switches over first.
drain() {
  retry 180 is_healthy || fail "Docker has to be restarted here, but the cluster is not healthy: repair it (postgres-cluster status), then run again"
  touch "$own/draining"
  retry 30 availability drain || fail "the Swarm has no quorum: start the other managers"
  retry 120 is_empty || say "warning: its members do not stop; Docker's restart ends them"
}

return_members() {
  retry 60 docker info >/dev/null || fail "Docker does not answer: see journalctl -u docker on the host"
  if [ -e "$own/draining" ]; then
    retry 60 availability active || fail "the Swarm has no quorum: start the other managers"
    rm "$own/draining"
    retry 300 is_healthy || fail "the cluster is not healthy again 300 s after Docker's restart: see docker service ls and docker service ps --no-trunc of the member"
  fi
}

create() {
  # An earlier run may have been interrupted.
  return_members
  local newer=''
  if has_newer_packages; then newer=packages; fi
  if [ -n "$newer" ] || is_outdated; then
    say "restarting Docker with its new ${newer:-configuration}"
    if in_swarm; then drain; fi
    if [ -n "$newer" ]; then upgrade >/dev/null || fail "upgrading Docker failed: run dpkg --configure -a and apt-get -f install on the host"; fi
    if is_outdated; then systemctl restart docker || fail "Docker does not start: see journalctl -u docker on the host"; fi
    return_members
  fi
  printf '%s\n' "$UPDATE" >"$own/docker-update"
}

lock_host
"$1"
exit 0
