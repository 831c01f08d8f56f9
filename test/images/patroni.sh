# shellcheck shell=bash
# The images' real programs as process 1, as a container runs them: etcd, a Patroni of one member, HAProxy.

# Starts COMMAND as process 1 of the image; leaves its process id in $started.
start() {
  local image=$1 entered launcher
  shift
  entering "$image"
  nsenter "--net=/proc/$network/ns/net" "${entered[@]}" "$@" >"$work/$image.log" 2>&1 &
  launcher=$!
  in_time 5 pgrep -P "$launcher" >/dev/null || return 1
  started=$(pgrep -P "$launcher")
  launched[$started]=$launcher
}
declare -A launched=()

# Stops process 1 by the signal of a container's stop; it must end by itself in time.
stops_within() {
  kill -TERM "$2"
  if ! timeout "$1" tail --pid="${launched[$2]}" -f /dev/null; then
    echo "still there after $1 s"
    kill -KILL "$2"
    return 1
  fi
}

in_time() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.5
  done
}

in_container_of() {
  local process=$1 ids=$2
  shift 2
  nsenter --target "$process" --net --mount --pid -- chroot "--userspec=$ids" "/proc/$process/root" env \
    PATH=/opt/patroni/bin:/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin "$@"
}

reaps_orphans() {
  local orphan
  orphan=$(in_container_of "$1" 999:999 bash -c 'sleep 0.2 >/dev/null & echo $!')
  sleep 1
  ! in_container_of "$1" 999:999 test -e "/proc/$orphan"
}

mkdir -p "${root[database]}/etc/patroni"
cat >"${root[database]}/etc/patroni/patroni.yml" <<'CONFIG'
scope: test
name: member-1
restapi:
  listen: 127.0.0.1:8008
  connect_address: localhost:8008
  cafile: /run/secrets/ca.crt
  certfile: /run/secrets/tls.crt
  keyfile: /run/secrets/tls.key
  verify_client: required
ctl: {cacert: /run/secrets/ca.crt, certfile: /run/secrets/tls.crt, keyfile: /run/secrets/tls.key}
etcd3: {hosts: "127.0.0.1:2379"}
bootstrap: {initdb: [{encoding: UTF8}], dcs: {ttl: 30}}
postgresql:
  listen: 127.0.0.1:5432
  connect_address: 127.0.0.1:5432
  data_dir: /var/lib/postgresql/data/pgdata
  authentication:
    superuser: {username: postgres, password: postgres}
    replication: {username: replicator, password: replicator}
CONFIG

check 'etcd-alive: no etcd' bash -c "! nsenter --net=/proc/$network/ns/net '${root[etcd]}/usr/local/bin/etcd-alive'"
start etcd etcd --data-dir=/var/lib/etcd/data
etcd=$started
check 'etcd-alive: etcd listens' in_time 20 in_container_of "$etcd" 2379:2379 etcd-alive
check 'etcd-alive leaves no zombies' bash -c "sleep 0.5; ! ps -o stat= --ppid '$etcd' | grep -q Z"
start database entrypoint /etc/patroni/patroni.yml
patroni=$started
becomes_ready() {
  in_time 60 in_container_of "$1" 999:999 member-ready || {
    tail -n 15 "$work/database.log"
    return 1
  }
}
check 'patroni starts a primary, member-ready says so' becomes_ready "$patroni"
check 'patroni as process 1 reaps orphans' reaps_orphans "$patroni"
check 'SIGTERM stops patroni in time' stops_within 30 "$patroni"
check 'PostgreSQL was stopped cleanly' bash -c "chroot '${root[database]}' \
  /usr/lib/postgresql/17/bin/pg_controldata /var/lib/postgresql/data/pgdata | grep -E '^Database cluster state: +shut down$'"
# shellcheck source=test/images/hung.sh
source "$here/hung.sh"
check 'SIGTERM stops etcd in time' stops_within 10 "$etcd"

cat >"${root[proxy]}/etc/haproxy/haproxy.cfg" <<'CONFIG'
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
listen test
  bind 127.0.0.1:5432
  server none 127.0.0.1:1
CONFIG
start proxy haproxy -W -db -f /etc/haproxy/haproxy.cfg
check 'haproxy listens' in_time 10 bash -c "nsenter --net=/proc/$network/ns/net ss -Htln | grep -q 127.0.0.1:5432"
check 'SIGTERM stops haproxy at once' stops_within 5 "$started"
