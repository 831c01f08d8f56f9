# shellcheck shell=bash
# What is in the images, and what is not.

storage() {
  buildah --root "$work/root" --runroot "$work/run" --storage-driver overlay "$@"
}

declare -A container=() root=()
for name in etcd database proxy; do
  skopeo copy --quiet --src-tls-verify=false "docker://$(jq --raw-output ".$name | sub(\":[^:]*@\"; \"@\")" "$json")" \
    "containers-storage:[overlay@$work/root+$work/run]localhost/$name:latest"
  container[$name]=$(storage from "localhost/$name")
  root[$name]=$(storage mount "${container[$name]}")
done

# The ids are checked against the image's own user below.
declare -A ids=([etcd]=2379:2379 [database]=999:999 [proxy]=99:99)
secrets=$work/secrets
mkdir "$secrets"

# entering IMAGE: the command line that makes what follows it run in the image.
entering() {
  local environment
  mapfile -t environment < <(skopeo inspect --config "containers-storage:[overlay@$work/root+$work/run]localhost/$1:latest" |
    jq --raw-output '.config.Env[]')
  entered=(unshare --mount --pid --fork --kill-child
    env --ignore-environment HOME=/tmp "${environment[@]}" "$here/enter" "${root[$1]}" "${ids[$1]}" "$secrets")
}

inside() {
  local entered
  entering "$1"
  "${entered[@]}" "${@:2}"
}

prints() {
  local image=$1 pattern=$2
  shift 2
  inside "$image" "$@" | tee "$work/printed"
  grep -qE "$pattern" "$work/printed"
}

configuration_is() {
  [[ $(skopeo inspect --config "containers-storage:[overlay@$work/root+$work/run]localhost/$1:latest" |
    jq --compact-output "$2") == "$3" ]]
}

holds_no_secret() {
  ! grep -rIlE 'BEGIN ([A-Z]+ )?PRIVATE KEY' "${root[$1]}"/{etc,opt,root,home,var,tmp,run,srv,usr/local}
}
# Only stubs of what the build borrowed could be here: a source, apt's settings, pip's, the machine's certificates.
holds_nothing_of_the_machine() {
  local m=${root[$1]}
  [[ ! -s $m/etc/apt/sources.list && ! -e $m/etc/pip.conf && ! -e $m/etc/apt/apt.conf.d/machine ]] &&
    [[ -z $(ls -A "$m/etc/apt/sources.list.d") ]] &&
    diff -q <(find "$m/usr/share/ca-certificates" -name '*.crt' -exec cat {} + | grep -c 'BEGIN CERT') \
      <(grep -c 'BEGIN CERT' "$m/etc/ssl/certs/ca-certificates.crt")
}
holds_no_leftovers() {
  local m=${root[$1]}
  [[ -z $(find "$m/var/lib/apt/lists" "$m/var/cache/apt" "$m/var/log" "$m/tmp" "$m/root/.cache" \
    -type f -not -empty -print -quit 2>/dev/null) ]] &&
    [[ -z $(find "$m/usr/share/"{doc,man,info} -type f -not -name copyright -print -quit 2>/dev/null) ]]
}
is_small() {
  local size
  size=$(du -sm "${root[$1]}" | cut -f1)
  printf '         %s: %d MB on disk, %d MB to pull\n' "$1" "$size" \
    "$(skopeo inspect --raw --tls-verify=false "docker://$(jq --raw-output ".$1 | sub(\":[^:]*@\"; \"@\")" "$json")" |
      jq '[.layers[].size] | add / 1048576 | floor')" | tee -a "$work/sizes"
  ((size <= $2))
}

declare -A limit=([etcd]=200 [database]=600 [proxy]=250)
for name in etcd database proxy; do
  check "$name holds no private key" holds_no_secret "$name"
  check "$name holds nothing of the machine that built it" holds_nothing_of_the_machine "$name"
  check "$name holds no lists, logs or documentation" holds_no_leftovers "$name"
  check "$name takes at most ${limit[$name]} MB" is_small "$name" "${limit[$name]}"
done
cat "$work/sizes" >&2

vector_works() {
  inside database bash -c '
    pg_ctl --pgdata=/tmp/pgdata --wait --options="-c listen_addresses= -c unix_socket_directories=/tmp" start >/dev/null
    psql -h /tmp -d postgres -v ON_ERROR_STOP=1 -qAtc "CREATE EXTENSION vector" -c "SELECT \$\$[1,0]\$\$::vector <-> \$\$[1,3]\$\$"
    status=$?
    pg_ctl --pgdata=/tmp/pgdata --mode=fast stop >/dev/null
    exit $status' | tee "$work/printed"
  [[ $(tail -n 1 "$work/printed") == 3 ]]
}

runs_as() {
  configuration_is "$1" .config.User "\"$2\"" && prints "$1" "^uid=$3\\($2\\) gid=$3\\($2\\)" id "$2"
}

check 'etcd is 3.5' prints etcd '^etcd Version: 3\.5\.' etcd --version
check 'etcdctl is 3.5' prints etcd '^etcdctl version: 3\.5\.' etcdctl version
check 'etcd runs as etcd, 2379' runs_as etcd etcd 2379
check 'etcd owns its data, alone' prints etcd '^etcd etcd 700$' stat -c '%U %G %a' /var/lib/etcd
check 'etcd starts etcd' configuration_is etcd .config.Entrypoint '["etcd"]'
check 'psql is 17' prints database '\(PostgreSQL\) 17\.' psql --version
check 'the server is 17' prints database '\(PostgreSQL\) 17\.' postgres --version
check 'patroni is the pinned one' prints database \
  "^patroni $(sed -nE 's/^patroni==([^ ]+).*/\1/p' "$project/images/database/requirements.txt")$" patroni --version
check 'patronictl runs' prints database '^patronictl version 4\.1\.' patronictl version
check 'patroni can speak to etcd and PostgreSQL' inside database /opt/patroni/bin/python -c 'import patroni.dcs.etcd3, psycopg'
check 'pgbouncer, curl and jq are there' inside database sh -c 'pgbouncer --version && curl --version && jq --version'
check 'the database runs as postgres, 999' runs_as database postgres 999
check 'postgres owns its data, alone' prints database '^postgres postgres 700$' stat -c '%U %G %a' /var/lib/postgresql/data
# In memory each of them has the mode that it has here, and root as its owner.
memory_is_writable() {
  local folder
  for folder in tmp run/postgresql; do find "${root[database]}/$folder" -maxdepth 0 -perm -1777 | grep .; done
}
check 'the folders that are in memory can be written' memory_is_writable
check 'initdb works as postgres' inside database initdb --locale=en_US.UTF-8 --encoding=UTF8 --pgdata=/tmp/pgdata
check 'initdb works with C.UTF-8' inside database initdb --locale=C.UTF-8 --encoding=UTF8 --pgdata=/tmp/pgdata-c
check 'pgvector works' vector_works
check 'the database starts by its entrypoint' configuration_is database .config.Entrypoint '["entrypoint","/etc/patroni/patroni.yml"]'
check 'the database stops by SIGTERM' configuration_is database .config.StopSignal '"SIGTERM"'
check 'the label tells that there is no Citus' \
  configuration_is database '.config.Labels["postgres-cluster.citus"]' "\"$(jq --raw-output '.citus // "none"' "$json")\""
check 'haproxy is 3.0' prints proxy '^HAProxy version 3\.0\.' haproxy -v
check 'curl is there' inside proxy curl --version
check 'the proxy runs as haproxy, 99' runs_as proxy haproxy 99
check 'the proxy starts haproxy' configuration_is proxy .config.Entrypoint \
  '["haproxy","-W","-db","-f","/etc/haproxy/haproxy.cfg"]'
