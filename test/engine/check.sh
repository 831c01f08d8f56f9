# Sourced by the tests that are scripts: each check prints a line that `test` counts.
# shellcheck shell=bash

# check NAME COMMAND...: the command must succeed; what it prints is shown if it does not.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok $name"
  else
    echo "not ok $name"
    printf '%s\n' "$output" | sed 's/^/    /'
  fi
}

# refused NAME WORDS COMMAND...: the command must fail and say the words.
refused() {
  local name=$1 words=$2 output
  shift 2
  if output=$("$@" 2>&1); then
    echo "not ok $name: it succeeded"
  elif [[ $output == *"$words"* ]]; then
    echo "ok $name"
    return
  else
    echo "not ok $name: it does not say: $words"
  fi
  printf '%s\n' "$output" | sed 's/^/    /'
}

contains() {
  [[ $1 == *"$2"* ]] || {
    echo "$2 is not in: $1"
    return 1
  }
}
