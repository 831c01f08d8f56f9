# Sets up keepalived, so that this host can hold the virtual IP; on delete it removes it.
# HOST ADDRESS CLUSTER VIRTUAL (with its prefix length) ALIVE (HAProxy's answer, by the virtual IP) KEEPALIVED_CONF START (text of virtual-ip-keepalived.sh)
# shellcheck shell=bash

own=/etc/postgres-cluster/virtual-ip
unit=postgres-cluster-virtual-ip

# write FILE TEXT: true if the file changed.
write() {
  [ "$(cat "$1" 2>/dev/null)" = "$2" ] && return 1
  printf '%s\n' "$2" >"$1.new"
  mv "$1.new" "$1"
}

create() {
  local verb=start
  mkdir -p "$own"
  write "$own/start" "$START" && verb=reload-or-restart
  write "$own/keepalived.conf" "$KEEPALIVED_CONF" && verb=reload-or-restart
  write "/etc/systemd/system/$unit.service" "[Unit]
Description=The virtual IP of the database's clients
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0
[Service]
RuntimeDirectory=$unit
ExecStart=/bin/bash $own/start start $ADDRESS $VIRTUAL $own/keepalived.conf
ExecReload=/bin/bash $own/start render $ADDRESS $VIRTUAL $own/keepalived.conf
ExecReload=/bin/kill -HUP \$MAINPID
ExecStopPost=/bin/bash $own/start release $ADDRESS $VIRTUAL $own/keepalived.conf
Restart=always
RestartSec=1
# A health check that outlives a killed keepalived must not keep the address here: the other host has it by then.
TimeoutStopSec=3
# It must work even if the host is short of CPU time or memory; otherwise the address moves for no reason.
Nice=-10
OOMScoreAdjust=-900
# Only the capabilities that it needs to move the address, to send VRRP, and to run its health check as nobody.
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_KILL CAP_SYS_NICE
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
TasksMax=64
[Install]
WantedBy=multi-user.target" && verb=restart
  systemctl daemon-reload
  systemctl -q enable "$unit"
  # A reload keeps the state, so the address stays where it is. A changed unit needs a restart: then the address moves once.
  systemctl "$verb" "$unit" || fail "the virtual IP's service does not start: see journalctl -u $unit on the host"
  retry 30 answers || fail "$ALIVE does not answer: see journalctl -u $unit and docker service ls on the hosts of the proxies"
}

answers() { systemctl -q is-active "$unit" && curl -fsS -m 2 --noproxy '*' -o /dev/null "$ALIVE"; }

delete() {
  host_is_ours || return 0
  systemctl -q disable --now "$unit" 2>/dev/null || true
  rm -f "/etc/systemd/system/$unit.service"
  systemctl daemon-reload
  rm -rf "$own"
}

lock_host
"$1"
exit 0
