# shellcheck shell=bash
# What the lab tells its user: steps with the seconds since the start, and faults.

say() {
  local seconds=$(((${EPOCHREALTIME/./} - started_at) / 100000))
  printf 'lab %4d.%d s  %s\n' $((seconds / 10)) $((seconds % 10)) "$*" >&2
}
started_at=${EPOCHREALTIME/./}

fail() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

# Long work that must not outlive a killed lab, where it would go on writing into folders the next
# run clears away.
bound() { setpriv --pdeathsig KILL -- "$@"; }
