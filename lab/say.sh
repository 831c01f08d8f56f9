# shellcheck shell=bash
# Messages of the lab: steps with the seconds since the start, and errors.

say() {
  local seconds=$(((${EPOCHREALTIME/./} - started_at) / 100000))
  printf 'lab %4d.%d s  %s\n' $((seconds / 10)) $((seconds % 10)) "$*" >&2
}
started_at=${EPOCHREALTIME/./}

fail() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

# Runs long work that must not outlive a killed lab: it would continue to write into folders that the next run
# removes.
bound() { setpriv --pdeathsig KILL -- "$@"; }
