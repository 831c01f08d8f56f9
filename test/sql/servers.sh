# shellcheck shell=bash disable=SC2034,SC2154
# PostgreSQL servers in the root of the newest database image in the cache's folder $image_folder, on loopback of the tests'
# own network.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images/$image_folder
image=$(find "$cache" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' 2>/dev/null | sort -rn | sed -n '1s/^[^ ]* //p')
[[ -n $image ]] || {
  echo 'error: the cache has no database image: run make images' >&2
  exit 1
}
ip link set lo up
storage() {
  buildah --root "$work/root" --runroot "$work/run" --storage-driver overlay "$@"
}
skopeo copy --quiet "oci:$image" "containers-storage:[overlay@$work/root+$work/run]localhost/database:latest"
root=$(storage mount "$(storage from localhost/database)")

shopt -s nullglob
debs=(${CITUS_DEB:+"$CITUS_DEB"} "$project"/images/database/debs/*.deb)
shopt -u nullglob
citus=present
if [[ ! -e $root/usr/lib/postgresql/17/lib/citus.so ]]; then
  citus=none
  if ((${#debs[@]} > 0)); then
    dpkg-deb --extract "${debs[0]}" "$root"
    citus=extracted
  fi
fi

mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
echo '127.0.0.1 localhost' >"$root/etc/hosts"

as_postgres() {
  chroot --userspec=999:999 "$root" env --ignore-environment LC_ALL=C PATH=/usr/lib/postgresql/17/bin:/usr/bin:/bin HOME=/tmp "$@"
}
export -f as_postgres
export root work

as_postgres initdb --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 --pgdata=/tmp/template >/dev/null

# server PORT [LIBRARY [SETTING...]]: starts one; stop PORT; start PORT.
server() {
  cp -a "$root/tmp/template" "$root/tmp/$1"
  cat >>"$root/tmp/$1/postgresql.conf" <<CONFIG
port = $1
listen_addresses = '127.0.0.1'
unix_socket_directories = '/tmp'
shared_preload_libraries = '${2:-}'
max_prepared_transactions = 50
shared_buffers = 32MB
fsync = off
CONFIG
  printf '%s\n' "${@:3}" >>"$root/tmp/$1/postgresql.conf"
  start "$1"
}
start() {
  as_postgres pg_ctl --pgdata="/tmp/$1" --log="/tmp/$1.log" --wait start >/dev/null || {
    cat "$root/tmp/$1.log" >&2
    return 1
  }
}
stop() {
  as_postgres pg_ctl --pgdata="/tmp/$1" --mode=fast --wait stop >/dev/null
}

# sql PORT ARGUMENT...: psql as the superuser; app PORT ARGUMENT...: as the application.
sql() {
  as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=app user=postgres" "${@:2}"
}
app() {
  as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=app user=app" "${@:2}"
}

pinned=options=-csearch_path=pg_catalog

# database PORT [FROM]: the application's database and role, as the program makes them.
database() {
  local sql=$project/components/postgres variables=$'\\set database app\n\\set role app\n\\set password secret'
  as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=${2:-postgres} user=postgres $pinned" \
    < <(echo "$variables"; cat "$sql/database.sql") &&
    as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=app user=postgres $pinned" \
      < <(echo "$variables"; cat "$sql/privileges.sql")
}

# extend PORT: Citus in the application's database, with what every node has besides.
extend() {
  sql "$1" -c 'CREATE EXTENSION citus' && sql "$1" <"$project/components/citus/domains.sql"
}

# cluster COORDINATOR WORKER...: Citus on servers at these ports, with the application's database.
cluster() {
  local port
  for port; do
    server "$port" citus 'wal_level = logical' &
  done
  wait
  for port; do
    as_postgres psql -Xq "host=/tmp port=$port dbname=postgres user=postgres" -c 'CREATE DATABASE app'
    extend "$port"
  done
  sql "$1" -c "SELECT citus_set_coordinator_host('localhost', $1)" >/dev/null
  for port in "${@:2}"; do
    sql "$1" -c "SELECT citus_add_node('localhost', $port)" >/dev/null
  done
  database "$1" app
}

# `docker` as the scripts use it: one manager, one container, which is the root. What it runs is a process group of its
# own, outlives the script, and holds none of its locks.
mount -t tmpfs tmpfs /run
mkdir "$work/bin"
cat >"$work/bin/docker" <<'DOCKER'
#!/bin/bash
case $1 in
  ps) echo member ;;
  exec) setsid --wait bash -c 'echo $$ >"$work/process-group"; as_postgres "$@"' bash "$4" "${@:6}" 9>&- ;;
  node | info) echo 0 ;;
esac
DOCKER
chmod 0755 "$work/bin/docker"

# migrate PORT [SETTINGS], spread PORT: the scripts as a host gets them, of the run $began (hundredths of a second).
began=0
migrate() { on_host migrate "$@"; }
spread() { on_host shards "$@"; }
on_host() {
  local script
  script=$(mktemp "$work/script.XXXXXX")
  node "$project/test/sql/script.ts" "$1" "host=/tmp port=$2 dbname=postgres target_session_attrs=read-write" "${3:-{\}}" >"$script"
  PATH=$work/bin:$PATH timeout 120 bash -s -- create "$(date +%s)" "$began" <"$script"
}

# own NAME: a new folder for migrations of a user's own; leaves the settings that name it in $settings.
own() {
  folder=$work/$1
  mkdir -p "$folder"
  settings="{\"migrations\": \"$folder\"}"
}

# state PORT [DATABASE]: everything that migrations may change, and what they recorded.
state() {
  as_postgres pg_dump --port="$1" --host=/tmp --user=postgres --restrict-key=0 "${2:-app}" | grep -v "^$"
}

# refuses PORT SETTINGS PATTERN: the migrations fail with a line like this and leave the database as it was.
refuses() {
  local before status=0
  before=$(state "$1")
  migrate "$1" "$2" >"$work/refused" 2>&1 || status=$?
  cat "$work/refused"
  [[ $status == 1 ]] && grep -qE "$3" "$work/refused" && diff <(echo "$before") <(state "$1")
}
