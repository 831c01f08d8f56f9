# shellcheck shell=bash disable=SC2034,SC2154
# Counts checks; sourced by tests with $work, a folder for what they write.

passed=0
failed=()
skipped=0
check() {
  local what=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    passed=$((passed + 1))
    printf '[%4ds] ok      %s\n' "$SECONDS" "$what" >&2
  else
    failed+=("$what")
    printf '[%4ds] FAILED  %s\n' "$SECONDS" "$what" >&2
    sed 's/^/         /' "$work/output" | tail -n 20 >&2
  fi
}

is() {
  local wanted=$1 printed
  shift
  printed=$("$@")
  [[ $printed == "$wanted" ]] || { printf 'not "%s" but "%s"\n' "$wanted" "$printed"; return 1; }
}

# The last of a test: what failed, how many did what, and its status.
summary() {
  ((${#failed[@]} == 0)) || printf '%s\n' "${failed[@]/#/failed: }"
  echo "$passed passed, ${#failed[@]} failed, $skipped skipped"
  ((${#failed[@]} == 0))
}
