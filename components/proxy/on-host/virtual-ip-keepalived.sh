#!/bin/bash
# Usage: virtual-ip-keepalived start|render|release ADDRESS VIRTUAL CONFIGURATION
# systemd runs this on a proxy's host; its files are in RUNTIME_DIRECTORY. ADDRESS is the host's, VIRTUAL is the virtual IP.
set -euo pipefail

readonly verb=$1 address=$2 virtual=$3 configuration=$4 run=$RUNTIME_DIRECTORY

# keepalived needs the name of an interface, which may change at every boot.
render() {
  local interface
  interface=$(ip -4 -oneline address show to "$address" | awk 'NR == 1 {print $2}')
  if [ -z "$interface" ]; then
    echo "no interface has the host's address $address yet" >&2
    exit 1
  fi
  sed "s/@INTERFACE@/$interface/" "$configuration" >"$run/keepalived.conf.new"
  mv "$run/keepalived.conf.new" "$run/keepalived.conf"
}

# A keepalived that was killed leaves the address on the host, where clients would still find it.
release() {
  local interface
  ip -4 -oneline address show to "${virtual%/*}" | awk '{print $2}' | while read -r interface; do
    ip address del "$virtual" dev "$interface"
  done
}

case $verb in
  start)
    release
    render
    exec keepalived --vrrp --dont-fork --log-console --use-file "$run/keepalived.conf" \
      --pid "$run/keepalived.pid" --vrrp_pid "$run/vrrp.pid"
    ;;
  render | release) "$verb" ;;
esac
