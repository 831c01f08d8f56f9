# shellcheck shell=bash
# member-ready against a server that answers as Patroni does, in a network of its own, where port 8008 is free.

# $secrets are the member's, in other/ are those of a foreign one.
fake=${root[database]}/fake
mkdir --parents "$fake/other"
certify() {
  local folder=$1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca -addext keyUsage=critical,keyCertSign \
    -keyout "$folder/ca.key" -out "$folder/ca.crt"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=member \
    -keyout "$folder/tls.key" -out "$folder/tls.csr"
  openssl x509 -req -days 2 -in "$folder/tls.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial \
    -extfile <(printf '%s\n' subjectAltName=DNS:localhost authorityKeyIdentifier=keyid) -out "$folder/tls.crt"
  chown -R 999:999 "$folder"
}
{ certify "$secrets" && certify "$fake/other"; } >"$work/openssl.log" 2>&1

unshare --net bash -c 'ip link set lo up && exec sleep infinity' &
network=$!
timeout 5 bash -c "until nsenter --net=/proc/$network/ns/net ip -brief address show lo | grep -q 127.0.0.1; do sleep 0.1; done"

inside_network() {
  local entered
  entering database
  nsenter "--net=/proc/$network/ns/net" "${entered[@]}" "$@"
}

# says EXPECTED: member-ready says it, or, for ready, nothing; and its exit status agrees.
says() {
  local status=0 said
  said=$(inside_network member-ready 2>&1) || status=$?
  echo "exit status $status: $said"
  if [[ $1 == ready ]]; then
    [[ $status == 0 && -z $said ]]
  else
    [[ $status == 1 && $said == "$1"* && $said != *$'\n'* ]]
  fi
}

cp "$here/fake-patroni.py" "$fake/"
answers() {
  printf '%s\n' "$1" "$2" >"$fake/answer"
  says "$3"
}

serve() {
  inside_network python3 /fake/fake-patroni.py /fake/answer "$@" >"$work/fake.log" 2>&1 &
  timeout 20 bash -c "until nsenter --net=/proc/$network/ns/net ss -Htln | grep -q :8008; do sleep 0.1; done"
}
# As process 1 of its namespace the server would not heed any other signal.
stop_serving() {
  local pid
  for pid in $(nsenter "--net=/proc/$network/ns/net" ss -Htlnp 'sport = :8008' | grep -oE 'pid=[0-9]+' | cut -d= -f2 | sort -u); do
    kill -KILL "$pid"
  done
  timeout 5 bash -c "while nsenter --net=/proc/$network/ns/net ss -Htln | grep -q :8008; do sleep 0.1; done"
}

common='"server_version":170012,"dcs_last_seen":1795348800,"database_system_identifier":"7575000000000000001","patroni":{"version":"4.1.5","scope":"cluster","name":"coordinator-1"}'
replica='"role":"replica","postmaster_start_time":"2026-11-22 12:00:00.000000+00:00","timeline":3,"xlog":{"received_location":67109184,"replayed_location":67109184,"replayed_timestamp":null,"paused":false}'
primary='"role":"primary","postmaster_start_time":"2026-11-22 12:00:00.000000+00:00","timeline":3,"xlog":{"location":67109184}'

check 'member-ready: nothing listens' says 'Patroni does not answer on port 8008: curl: (7)'
serve /run/secrets/ca.crt /run/secrets/tls.crt /run/secrets/tls.key
check 'member-ready: a running primary' answers 200 "{\"state\":\"running\",$primary,$common}" ready
check 'member-ready: a running primary without the lock' \
  answers 200 "{\"state\":\"running\",$primary,\"cluster_unlocked\":true,$common}" ready
check 'member-ready: a streaming replica' \
  answers 200 "{\"state\":\"running\",$replica,\"replication_state\":\"streaming\",$common}" ready
check 'member-ready: a synchronous streaming replica' \
  answers 200 "{\"state\":\"running\",$replica,\"sync_standby\":true,\"replication_state\":\"streaming\",$common}" ready
check 'member-ready: a replica while there is no leader' \
  answers 200 "{\"state\":\"running\",$replica,\"cluster_unlocked\":true,$common}" ready
check 'member-ready: a replica in archive recovery' \
  answers 200 "{\"state\":\"running\",$replica,\"replication_state\":\"in archive recovery\",$common}" \
  'the replica does not stream from the leader but is in archive recovery'
check 'member-ready: a replica that receives nothing' \
  answers 200 "{\"state\":\"running\",$replica,$common}" 'the replica does not stream from the leader'
check 'member-ready: a replica with a leader that says so' \
  answers 200 "{\"state\":\"running\",$replica,\"cluster_unlocked\":false,$common}" 'the replica does not stream from the leader'
for state in starting stopped 'creating replica' 'start failed' crashed unknown; do
  check "member-ready: a replica that is $state" \
    answers 200 "{\"state\":\"$state\",\"role\":\"replica\",$common}" "PostgreSQL is not running but $state"
done
check 'member-ready: a primary that is stopping' \
  answers 200 "{\"state\":\"stopping\",\"role\":\"primary\",$common}" 'PostgreSQL is not running but stopping'
check 'member-ready: a stopped replica without a leader' \
  answers 200 "{\"state\":\"stopped\",\"role\":\"replica\",\"cluster_unlocked\":true,$common}" 'PostgreSQL is not running but stopped'
check 'member-ready: a demoted member' \
  answers 200 "{\"state\":\"running\",\"role\":\"demoted\",$common}" 'the role is demoted, neither primary nor replica'
check 'member-ready: an error status' answers 503 "{\"state\":\"running\",$primary}" 'Patroni does not answer on port 8008: curl: (22)'
check 'member-ready: an empty answer' answers 200 '' 'Patroni gives an empty answer on port 8008'
check 'member-ready: an answer that is not JSON' answers 200 '<html>' "Patroni's answer on port 8008 is not its status: "
stop_serving
serve /run/secrets/ca.crt /fake/other/tls.crt /fake/other/tls.key
check 'member-ready: a server with a foreign certificate' \
  answers 200 "{\"state\":\"running\",$primary,$common}" 'Patroni does not answer on port 8008: curl: (60)'
stop_serving
serve /fake/other/ca.crt /run/secrets/tls.crt /run/secrets/tls.key
check 'member-ready: a server that does not trust the member' \
  answers 200 "{\"state\":\"running\",$primary,$common}" 'Patroni does not answer on port 8008: curl: ('
stop_serving
