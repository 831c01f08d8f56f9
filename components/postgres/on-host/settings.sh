# Writes a group's settings into etcd, where Patroni reads them; settings that need no restart apply at once.
# KEY SETTINGS OTHER_KEY (the group's key if Citus were added to the image, or removed from it); runs on a host with etcd.
# shellcheck shell=bash

GROUP=etcd
etcdctl() {
  in_member etcdctl --endpoints https://127.0.0.1:2379 --cacert /run/secrets/ca.crt \
    --cert /run/secrets/tls.crt --key /run/secrets/tls.key --command-timeout 5s "$@"
}

put() { etcdctl put "$KEY" <<<"$SETTINGS"; }

lock_cluster "${KEY//\//-}"
retry 180 put || fail "etcd does not accept the settings: see docker service ls on any host; if an etcd service is gone, run pulumi up --refresh"
# Members that change their scope one by one would elect a second leader.
if [ -n "$(etcdctl get --print-value-only "${OTHER_KEY%/config}/initialize" </dev/null)" ]; then
  etcdctl del "$KEY" </dev/null >/dev/null
  fail "this group runs ${OTHER_KEY%/config}: a database image with Citus cannot take the place of one without, nor the other way round; go back to the former image, or move the data to a new cluster"
fi
exit 0
