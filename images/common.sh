# shellcheck shell=bash disable=SC2034
# Functions for the scripts in this folder; sourced, not run.

images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images

# A child process counts from the start of its parent.
export IMAGES_STARTED=${IMAGES_STARTED:-$EPOCHSECONDS}

say() {
  printf '[%4ds] images: %s\n' "$((EPOCHSECONDS - IMAGES_STARTED))" "$*" >&2
}

die() {
  say "error: $*"
  exit 1
}
