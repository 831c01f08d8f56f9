#!/bin/bash
# Usage: firewall-keep once|watch
# Restores the cluster's rules and Docker's after something has flushed the host's ruleset (nftables, another firewall, a
# person). Docker writes its rules only when it starts, and a restart of Docker stops the members. So a copy is kept.
set -uo pipefail

own=/etc/postgres-cluster run=/run/postgres-cluster-firewall

warn() { echo "<4>$*" >&2; }

keep() {
  local iptables table
  if ! nft list table inet postgres_cluster >/dev/null 2>&1; then
    nft -f "$own/firewall.nft" && warn "the cluster's rules were missing and are loaded again"
  fi
  # Docker writes them itself while it starts.
  systemctl -q is-active docker || return 0
  for iptables in iptables ip6tables; do
    for table in filter nat; do
      if "$iptables" -w -t "$table" -nL DOCKER >/dev/null 2>&1; then
        "$iptables-save" -t "$table" >"$run/$iptables-$table.new" && mv "$run/$iptables-$table.new" "$run/$iptables-$table"
      elif [ -s "$run/$iptables-$table" ]; then
        "$iptables-restore" -w --noflush <"$run/$iptables-$table" && warn "Docker's rules ($iptables, $table) were missing and are restored"
      fi
    done
  done
}

mkdir -p "$run"
exec 9>"$run/lock"
while :; do
  flock 9
  keep
  flock -u 9
  [ "$1" = watch ] || exit 0
  sleep 5
done
