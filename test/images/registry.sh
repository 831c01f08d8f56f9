# shellcheck shell=bash
# A registry on loopback for the pushes of the tests.

command -v docker-registry >/dev/null || {
  apt-get update && apt-get install --yes --no-install-recommends docker-registry
} >"$work/apt.log" 2>&1

port=$(comm -23 <(seq 20000 29999) <(ss -Htln | awk '{ sub(".*:", "", $4); print $4 }' | sort -u) | shuf -n 1)
registry=127.0.0.1:$port
cat >"$work/registry.yml" <<CONFIG
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "$registry"}
CONFIG
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
timeout 10 bash -c "until exec 3<>/dev/tcp/127.0.0.1/$port; do sleep 0.1; done" 2>/dev/null
