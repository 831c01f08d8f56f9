#!/usr/bin/env bash
# Runs a script on a host: bash -c THIS LABEL SECONDS USER SSH-ARGUMENT... VERB, the script on stdin.
# It adds what ssh does not say: which host it was, and what to do about it.
set -uo pipefail

label=$0 seconds=$1 user=$2
verb=${*: -1}
set -- "${@:3:$#-3}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
as_root=""
[ "$user" = root ] || as_root="sudo -n "

ssh -E "$log" "$@" "${as_root}timeout $seconds bash -s -- $verb $(date +%s)"
status=$?

case $status in
  0) exit 0 ;;
  124) echo "$label: no end after $seconds seconds; see what it waits for on the host, then run again" >&2 ;;
  255)
    reason=$(tail -n 20 "$log")
    case $reason in
      *"Host key verification failed"* | *"IDENTIFICATION HAS CHANGED"*)
        cure="its host key is not the configured one. If the host was reinstalled, put its new key (ssh-keyscan -t ed25519 ADDRESS) into the configuration; if not, somebody else answers at its address" ;;
      *"no such identity"*)
        cure="ssh.privateKeyFile cannot be read. Correct its path" ;;
      *"ermission denied"*)
        cure="it does not accept the key of user $user. Add the public half of ssh.privateKeyFile to ~$user/.ssh/authorized_keys, or correct ssh.user and ssh.privateKeyFile" ;;
      *)
        cure="it cannot be reached over ssh. Check that it is up, its address and sshPort, and any firewall between" ;;
    esac
    echo "$label: $cure ($(printf '%s' "$reason" | grep -v '^@' | tail -n 1))" >&2 ;;
esac
exit "$status"
