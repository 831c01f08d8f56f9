#!/usr/bin/env bash
# Runs a script on a host: bash -c THIS LABEL SECONDS USER SSH-ARGUMENT... VERB, the script on stdin.
# It adds to ssh: the script ends when this side ends, it knows which run it belongs to, and a failure names the host and
# what to do.
set -uo pipefail

label=$0 seconds=$1 user=$2
verb=${*: -1}
set -- "${@:3:$#-3}"

# process PID: sets name, parent and start (hundredths of a second since 1970).
process() {
  local stat booted fields
  if [ -r "/proc/$1/stat" ]; then
    read -r stat <"/proc/$1/stat"
    name=${stat#*(} name=${name%)*}
    read -ra fields <<<"${stat##*) }"
    booted=$(sed -n 's/^btime //p' /proc/stat)
    parent=${fields[1]} start=$((booted * 100 + fields[19]))
  else
    name=$(ps -o comm= -p "$1") && name=${name##*/} && parent=$(ps -o ppid= -p "$1") || return
    start=$(date -j -f "%a %b %e %T %Y" "$(ps -o lstart= -p "$1")" +%s)00
  fi
} 2>/dev/null

# The pulumi command that this belongs to: its plugins and programs are its descendants.
run=0 alive=$$ pid=$PPID plugin=
while [ "$pid" -gt 1 ] && process "$pid"; do
  case $name in
    pulumi-*) plugin=$name ;;
    *pulumi*)
      run=$start alive=$pid
      break
      ;;
  esac
  pid=$parent
done
if [ "$run" = 0 ] && [ -n "$plugin" ]; then
  echo "$label: nothing was changed, because the run that started this has ended; run pulumi up again" >&2
  exit 1
fi

# What ssh and proxy-command.sh say.
log=$(mktemp)
export SSH_WORDS=$log
# The watcher is ended only here: killed while it starts, it would run this trap itself.
trap 'kill "${watch:-}" 2>/dev/null; rm -f "$log"' EXIT

LC_ALL=C
script=$(cat)
as_root=""
[ "$user" = root ] || as_root="sudo -n "

# Whether the run and this command are both alive. The host notices the end of either, even by SIGKILL.
wanted() { kill -0 "$alive" && kill -0 $$; }

# The input of ssh: the script, and then the time every second, as a heartbeat.
feed() {
  printf '%s' "$script"
  while wanted && date +%s; do sleep 1; done
}

# ssh does not read its input before it has a connection, so it is ended here.
watch() {
  while wanted; do sleep 1; done
  kill "$ssh"
  rm -f "$log"
}

# On the host: VERB SECONDS LENGTH RUN. The clock is the newest time that has arrived, because the first may have waited for
# the connection. When the input ends, the run has ended: before the start nothing is done, later the script is stopped. It is
# also stopped after 15 s of silence, when ssh on the other side has given up, too.
there='
script=$(head -c "$2")
exec 3<&0
read -r clock <&3
while read -r -t 0.1 later <&3; status=$?; [ "$status" = 0 ]; do clock=$later; done
[ "$status" -gt 128 ] || exit 1
printf "%s" "$script" | timeout -k 10 "$1" bash -s -- "$0" "$clock" "$3" & job=$!
{ while read -r -t 15 later <&3; do :; done; kill "$job"; } >/dev/null 2>&1 & watch=$!
wait "$job"
status=$?
kill "$watch"
exit "$status"'

ssh -E "$log" "$@" "${as_root}bash -c '$there' $verb $seconds ${#script} $run" < <(exec 2>/dev/null && feed) &
ssh=$!
# The watcher does not hold this command's output open.
watch >/dev/null 2>&1 &
watch=$!
wait "$ssh"
status=$?

case $status in
  0) exit 0 ;;
  124) echo "$label: timed out after $seconds seconds; see on the host what it waits for, then run again" >&2 ;;
  255)
    reason=$(tail -n 20 "$log")
    case $reason in
      *"Host key verification failed"* | *"IDENTIFICATION HAS CHANGED"*)
        cure="its host key is not the configured one. If the host was reinstalled, put its new key (ssh-keyscan -t ed25519 ADDRESS) into the configuration; if not, another machine answers at its address" ;;
      *"no such identity"*)
        cure="ssh.privateKeyFile cannot be read. Correct its path; on a machine where pulumi preview of this stack has never run, run it first" ;;
      *"ermission denied"*)
        cure="it does not accept the key of user $user. Add the public half of ssh.privateKeyFile to ~$user/.ssh/authorized_keys, or correct ssh.user and ssh.privateKeyFile" ;;
      *)
        cure="it cannot be reached over ssh. Check that it is up, its address and sshPort, and any firewall between"
        reason=$(grep "^nothing answers" "$log" || printf '%s' "$reason") ;;
    esac
    echo "$label: $cure ($(printf '%s' "$reason" | grep -v '^@' | tail -n 1))" >&2 ;;
esac
exit "$status"
