# Puts a group's settings where Patroni looks for them; the members take over what needs no restart at once.
# KEY SETTINGS; runs on a host with an etcd member.
# shellcheck shell=bash

put() {
  local container
  container=$(docker ps -q --filter label=postgres-cluster.group=etcd | head -n 1)
  [ -n "$container" ] || {
    echo "no etcd member runs here"
    return 1
  }
  docker exec -i "$container" etcdctl --endpoints https://127.0.0.1:2379 --cacert /run/secrets/ca.crt \
    --cert /run/secrets/tls.crt --key /run/secrets/tls.key --command-timeout 5s put "$KEY" <<<"$SETTINGS"
}

retry 180 put || fail "etcd takes no settings: see docker service ls on any host; if an etcd service is gone, run pulumi up --refresh"
exit 0
