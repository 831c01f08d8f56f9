# Makes the host a manager of the cluster's Swarm and labels it; takes it out on delete.
# HOST ADDRESS CLUSTER; the first host gets POOL and prints what the others need, they get MEMBERSHIP.
# MEMBERSHIP is secret (JSON: cluster, token, address); it goes to Docker's socket, never into a command line.
# shellcheck shell=bash

swarm() { docker info --format "{{.Swarm.$1}}"; }

post() { curl -fsS --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' -d @- "http://docker$1"; }

field() { printf '%s' "$MEMBERSHIP" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

start() {
  say "starting the Swarm"
  docker swarm init --advertise-addr "$ADDRESS" --listen-addr "$ADDRESS:2377" --data-path-addr "$ADDRESS" \
    --default-addr-pool "$POOL" --default-addr-pool-mask-length 24 --task-history-limit 2 >/dev/null ||
    fail "docker swarm init failed: see journalctl -u docker on the host"
}

join() {
  say "joining the Swarm"
  post /swarm/join >/dev/null <<JSON
{"ListenAddr":"$ADDRESS:2377","AdvertiseAddr":"$ADDRESS","DataPathAddr":"$ADDRESS","RemoteAddrs":["$(field address):2377"],"JoinToken":"$(field token)"}
JSON
}

create() {
  if [ "$(swarm LocalNodeState)" != active ]; then
    if [ -n "$MEMBERSHIP" ]; then
      # Two managers that join at the same moment can disturb each other; the next attempt works.
      retry 60 join || fail "it could not join the Swarm: port 2377 of $(field address) does not answer; postgres-cluster status says what drops the packets"
    else
      start
    fi
  fi
  retry 60 eval '[ "$(swarm ControlAvailable)" = true ]' || fail "it belongs to a Swarm but does not manage it: run docker swarm leave on the host if that Swarm is not wanted"
  if [ -n "$MEMBERSHIP" ] && [ "$(swarm Cluster.ID)" != "$(field cluster)" ]; then
    fail "it belongs to another Swarm: run docker swarm leave --force on the host if that Swarm is not wanted"
  fi
  retry 60 docker node update --label-add "postgres-cluster.host=$HOST" "$(swarm NodeID)" ||
    fail "the Swarm has no quorum to label it: start the other managers"
  if [ -z "$MEMBERSHIP" ]; then
    printf '{"cluster":"%s","token":"%s","address":"%s"}' "$(swarm Cluster.ID)" "$(docker swarm join-token -q manager)" "$ADDRESS"
  fi
}

is_empty() { [ -z "$(docker ps -q --filter label=postgres-cluster)" ]; }

# The services are removed first, on all hosts, so that databases stop cleanly before their host leaves.
delete() {
  host_is_ours || return 0
  if [ "$(swarm LocalNodeState)" = active ]; then
    docker service ls -q --filter "label=postgres-cluster=$CLUSTER" 2>/dev/null | xargs -r docker service rm >/dev/null 2>&1 || true
    retry 100 is_empty || say "warning: its containers do not stop; they are killed"
    docker swarm leave --force >/dev/null || fail "it cannot leave the Swarm: see journalctl -u docker on the host"
  fi
  retry 60 is_empty || fail "its containers do not stop: see docker ps on the host"
}

lock_host
"$1"
exit 0
