# Sourced by the engine's scripts: the versions to use and how progress is shown.
# shellcheck shell=bash

engine=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plugins=(command docker random tls)
export ENGINE_START=${ENGINE_START:-$EPOCHSECONDS}

# The npm packages name the versions: the engine's is that of the SDK, a plugin's that of its own package.
version_of() {
  local version
  version=$(sed -n "s|.*\"@pulumi/$1\": *\"\([0-9.]*\)\".*|\1|p" "$engine/../package.json")
  [ -n "$version" ] || fail "package.json pins no exact version of @pulumi/$1"
  echo "$version"
}

say() {
  printf 'engine %4d s  %s\n' $((EPOCHSECONDS - ENGINE_START)) "$*" >&2
}

# Ends a way to get an engine that this machine does not have; setup then takes the next.
pass() {
  say "$*"
  exit 3
}

fail() {
  echo "engine: $*" >&2
  exit 1
}

# at_least WANTED HAVE: whether the version HAVE is not older.
at_least() {
  [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# The vendor's plugins, fetched by the CLI in FOLDER/bin into FOLDER/home; those already there are kept.
fetch_plugins() {
  local name
  for name in "${plugins[@]}"; do
    [ -d "$1/home/plugins/resource-$name-v$(version_of "$name")" ] && continue
    say "fetching the $name plugin $(version_of "$name")"
    PULUMI_HOME=$1/home PULUMI_SKIP_UPDATE_CHECK=true timeout 180 \
      "$1/bin/pulumi" plugin install resource "$name" "$(version_of "$name")" >&2 || return 1
  done
}
