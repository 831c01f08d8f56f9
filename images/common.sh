# shellcheck shell=bash disable=SC2034
# Shared by the executables of this folder; sourced, never run.

images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images

# A child goes on counting where its parent began.
export IMAGES_STARTED=${IMAGES_STARTED:-$EPOCHSECONDS}

say() {
  printf '[%4ds] images: %s\n' "$((EPOCHSECONDS - IMAGES_STARTED))" "$*" >&2
}

die() {
  say "error: $*"
  exit 1
}
