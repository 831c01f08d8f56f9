# shellcheck shell=bash
# What hangs is treated as dead; sourced by patroni.sh while etcd runs, and runs a member with PgBouncer.

mkdir -p "${root[database]}/etc/pgbouncer"
cat >"${root[database]}/etc/pgbouncer/pgbouncer.ini" <<'CONFIG'
[databases]
* = host=127.0.0.1 port=5432
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = 6432
unix_socket_dir = /var/run/postgresql
auth_type = trust
auth_file = /dev/null
CONFIG

# The process id of a child of the member MEMBER by its name.
child() { pgrep -P "$1" -x "$2"; }
# The postmaster's parent is the member too, since who started it has ended.
postmaster() { child "$1" postgres; }
patroni_of() { pgrep -P "$1" -o -x entrypoint; }
pooler_answers() {
  in_container_of "$1" 999:999 timeout 2 psql -XqAt --host=/var/run/postgresql --port=6432 --dbname=pgbouncer --username=pgbouncer -c 'SHOW VERSION'
}
another_pooler() { [[ $(child "$1" pgbouncer) != "$2" ]] && pooler_answers "$1"; }

frozen_pooler_is_replaced() {
  local former
  in_time 20 pooler_answers "$1" || return 1
  former=$(child "$1" pgbouncer)
  sleep 2
  kill -STOP "$former"
  in_time 8 another_pooler "$1" "$former"
}

# A machine that is suspended for a while comes back as it was.
suspended_member_goes_on() {
  local all pooler
  pooler=$(child "$1" pgbouncer)
  mapfile -t all < <(pgrep --ns "$1" --nslist pid)
  kill -STOP "${all[@]}"
  sleep 10
  kill -CONT "${all[@]}"
  sleep 6
  kill -0 "$1" && [[ $(child "$1" pgbouncer) == "$pooler" ]] && pooler_answers "$1"
}

ends_when_frozen() {
  local what=$1 seconds=$2 process
  start database entrypoint /etc/patroni/patroni.yml
  in_time 60 in_container_of "$started" 999:999 member-ready || return 1
  sleep 3
  process=$("$what" "$started")
  kill -STOP "$process"
  if ! timeout "$seconds" tail --pid="${launched[$started]}" -f /dev/null; then
    echo "still there after $seconds s"
    kill -KILL "$started"
    return 1
  fi
  ! kill -0 "$process" 2>/dev/null && tail -n 3 "$work/database.log" && grep -q 'has not answered for .* ending this container' "$work/database.log"
}

# A file system that is frozen lets no write end, as a disk that hangs.
hanging_disk_is_noticed() {
  local folder=${root[database]}/disk status=0
  truncate --size=64M "$work/disk.img"
  mkfs.ext4 -q "$work/disk.img"
  mkdir -p "$folder"
  mount -o loop "$work/disk.img" "$folder"
  chmod 0777 "$folder"
  cat >"${root[database]}/watch-disk.py" <<'PYTHON'
import sys
import time

sys.path.insert(0, "/usr/local/bin")
from watches import Watch, disk_writes

watch = Watch("the disk", lambda: disk_writes("/disk"), limit=3, pause=0.1)
watch.start()
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    if watch.hangs():
        print("hangs", flush=True)
        break
    time.sleep(0.1)
else:
    print("works" if watch.last else "has not begun", flush=True)
watch.stop()
PYTHON
  [[ $(inside database python3 /watch-disk.py 5) == works ]] || status=1
  inside database python3 /watch-disk.py 10 >"$work/watch-disk" &
  sleep 2
  fsfreeze --freeze "$folder"
  in_time 8 grep -q hangs "$work/watch-disk" || status=1
  fsfreeze --unfreeze "$folder"
  wait $!
  umount "$folder"
  return "$status"
}

# All members of a busy machine would end at once, and their starts would keep it busy. Patroni runs here only when nobody
# else wants a CPU, and others want each of them.
starved_member_goes_on() {
  local pooler patroni busy burners=()
  pooler=$(child "$1" pgbouncer)
  patroni=$(patroni_of "$1")
  chrt --all-tasks --idle --pid 0 "$patroni"
  for ((busy = 0; busy < 4 * $(nproc); busy++)); do
    timeout 60 bash -c 'while :; do :; done' &
    burners+=("$!")
  done
  sleep 10
  kill "${burners[@]}"
  chrt --all-tasks --other --pid 0 "$patroni"
  sleep 4
  kill -0 "$1" && [[ $(child "$1" pgbouncer) == "$pooler" && $(patroni_of "$1") == "$patroni" ]] && pooler_answers "$1"
}

# The same program gets no CPU, gets one again, and is frozen.
starved_is_not_frozen() {
  cat >"${root[database]}/watch-starved.py" <<'PYTHON'
import os
import signal
import socket
import sys
import time

sys.path.insert(0, "/usr/local/bin")
from watches import Watch, answers

PATH = "/tmp/watch-starved.socket"


def serve():
    server = socket.socket(socket.AF_UNIX)
    server.bind(PATH)
    server.listen()
    while True:
        client, _ = server.accept()
        end = time.process_time() + 0.05  # what an answer costs
        while time.process_time() < end:
            pass
        try:
            client.sendall(b"N")
        except OSError:
            pass  # It has not waited so long.
        client.close()


def burn():
    while True:
        pass


def child(run):
    process = os.fork()
    if process == 0:
        run()
    return process


def hangs(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if watch.hangs():
            return True
        time.sleep(0.2)
    return False


program = child(serve)
watch = Watch("a program", lambda: answers(PATH), limit=2, pause=0.1, program=lambda: program)
watch.start()
hangs(3)
os.sched_setscheduler(program, os.SCHED_IDLE, os.sched_param(0))
burners = [child(burn) for _ in range(os.cpu_count())]
starved = hangs(10)
for burner in burners:
    os.kill(burner, signal.SIGKILL)
hangs(10)
os.kill(program, signal.SIGSTOP)
print(f"starved {starved} frozen {hangs(8)}")
os.kill(program, signal.SIGKILL)
watch.stop()
PYTHON
  inside database python3 /watch-starved.py | tee /dev/stderr | grep -qx 'starved False frozen True'
}

start database entrypoint /etc/patroni/patroni.yml
hung=$started
check 'a member with PgBouncer becomes ready' becomes_ready "$hung"
check 'a frozen PgBouncer is replaced' frozen_pooler_is_replaced "$hung"
check 'a member that was suspended goes on' suspended_member_goes_on "$hung"
check 'a member whose Patroni gets hardly any CPU goes on' starved_member_goes_on "$hung"
check 'a program that gets hardly any CPU does not hang, a frozen one does' starved_is_not_frozen
check 'a member with PgBouncer stops in time' stops_within 30 "$hung"
check 'a frozen PostgreSQL ends its container' ends_when_frozen postmaster 14
check 'a frozen Patroni ends its container before its lease does' ends_when_frozen patroni_of 8
check 'a disk that hangs is noticed' hanging_disk_is_noticed
rm "${root[database]}/etc/pgbouncer/pgbouncer.ini"
