# Sets up Docker on the host: packages, daemon, kernel settings, firewall; on delete it undoes this.
# It does not restart a running Docker, because all hosts run it at the same time; see restart.sh.
# Prints "MTU NUMBER" of the interface that has ADDRESS.
# HOST ADDRESS PACKAGES (besides Docker) DAEMON_JSON SYSCTLS FIREWALL FIREWALL_KEEP (text of firewall-keep.sh)
# POLICY (retain or delete) SSH_USER UPDATE CLUSTER (identity of the cluster)
# shellcheck shell=bash

own=/etc/postgres-cluster

# write FILE TEXT: true if the file changed.
write() {
  [ "$(cat "$1" 2>/dev/null)" = "$2" ] && return 1
  mkdir -p "${1%/*}"
  printf '%s\n' "$2" >"$1.new"
  mv "$1.new" "$1"
}

missing_packages() {
  local wanted name
  read -ra wanted <<<"$PACKAGES"
  command -v dockerd >/dev/null || wanted+=(docker.io)
  # From Debian 13 on docker.io only recommends the client.
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "$VERSION_ID")" = 12 ] || command -v docker >/dev/null || wanted+=(docker-cli)
  for name in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "install ok installed" || echo "$name"
  done
}

packages() { dpkg-query -W -f='${Package}\n' | sort; }

# Records the packages that it adds, so that `delete` removes only these. If a run is interrupted in between, the next one
# still has the list of packages from before.
install_packages() {
  local wanted
  dpkg --configure -a
  mapfile -t wanted < <(missing_packages)
  if [ ${#wanted[@]} -eq 0 ] && ! [ -e "$own/packages.before" ]; then return; fi
  if ! [ -e "$own/packages.before" ]; then
    mkdir -p "$own"
    packages >"$own/packages.new"
    mv "$own/packages.new" "$own/packages.before"
  fi
  if [ ${#wanted[@]} -gt 0 ]; then
    say "installing ${wanted[*]}"
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update >/dev/null || fail "apt-get update failed: check the host's package sources and its network"
    "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" >/dev/null || fail "installing ${wanted[*]} failed: check the host's package sources"
  fi
  packages | comm -13 "$own/packages.before" - >>"$own/packages.added"
  rm "$own/packages.before"
}

# An upgrade restarts Docker, and unattended upgrades would do so on all hosts within the hour. restart.sh upgrades host by host.
hold_packages() {
  docker_packages | xargs -r apt-mark hold >/dev/null
  # What was just installed is the newest.
  [ -e "$own/docker-update" ] || printf '%s\n' "$UPDATE" >"$own/docker-update"
}

configure_kernel() {
  write /etc/sysctl.d/60-postgres-cluster.conf "$SYSCTLS" || true
  local refused
  refused=$(sysctl -q -p /etc/sysctl.d/60-postgres-cluster.conf 2>&1 | sed -n 's/.*"\([a-z0-9_.]*\)".*/\1/p' | tr '\n' ' ' || true)
  [ -z "$refused" ] || say "warning: this host refuses the kernel settings ${refused% }"
}

configure_firewall() {
  local verb=reload
  write "$own/firewall.nft" "$FIREWALL" || true
  nft -c -f "$own/firewall.nft" || fail "the firewall's rules were refused: use a kernel with nftables"
  write "$own/firewall-keep" "$FIREWALL_KEEP" && verb=restart
  write /etc/systemd/system/postgres-cluster-firewall.service "[Unit]
Description=Who may reach the cluster's ports; puts its rules and Docker's back when they are flushed
Before=docker.service network-online.target
[Service]
ExecStartPre=/usr/sbin/nft -f $own/firewall.nft
ExecStart=/bin/bash $own/firewall-keep watch
ExecReload=/usr/sbin/nft -f $own/firewall.nft
Restart=always
[Install]
WantedBy=multi-user.target" && verb=restart
  # Debian's nftables flushes the whole ruleset when it starts or reloads.
  write /etc/systemd/system/nftables.service.d/postgres-cluster.conf "[Service]
ExecStartPost=-/bin/bash $own/firewall-keep once
ExecReload=-/bin/bash $own/firewall-keep once" || true
  systemctl daemon-reload
  systemctl -q enable postgres-cluster-firewall
  if [ "$verb" = restart ] || ! systemctl -q is-active postgres-cluster-firewall; then
    systemctl restart postgres-cluster-firewall
  else
    systemctl reload postgres-cluster-firewall
  fi || fail "the firewall does not start: see journalctl -u postgres-cluster-firewall on the host"
}

# Written before the package is installed, so that the daemon starts with it.
configure_docker() {
  local file=/etc/docker/daemon.json
  if [ -e "$file" ] && ! [ -e "$own/daemon.json" ]; then
    fail "$file exists and is not this cluster's: move it away if nothing on the host needs it"
  fi
  write "$own/daemon.json" "$DAEMON_JSON" || true
  write "$file" "$DAEMON_JSON" || true
}

start_docker() {
  systemctl -q enable docker
  systemctl start docker || fail "Docker does not start: see journalctl -u docker on the host"
  retry 60 docker info >/dev/null || fail "Docker does not answer: see journalctl -u docker on the host"
  if [ "$SSH_USER" != root ]; then usermod -aG docker "$SSH_USER"; fi
}

create() {
  local mtu
  mkdir -p "$own"
  [ ! -e "$owner_file" ] || host_is_ours || fail "use other hosts, or run pulumi destroy where that cluster was made"
  write "$owner_file" "$CLUSTER" || true
  configure_docker
  install_packages
  hold_packages
  configure_kernel
  configure_firewall
  start_docker
  mtu=$(mtu_at "$ADDRESS")
  echo "MTU $mtu"
}

delete() {
  host_is_ours || return 0
  systemctl -q disable --now postgres-cluster-firewall 2>/dev/null || true
  nft delete table inet postgres_cluster 2>/dev/null || true
  rm -f /etc/systemd/system/postgres-cluster-firewall.service /etc/sysctl.d/60-postgres-cluster.conf
  rm -rf /etc/systemd/system/nftables.service.d/postgres-cluster.conf /run/postgres-cluster-firewall
  rmdir /etc/systemd/system/nftables.service.d 2>/dev/null || true
  systemctl daemon-reload
  docker_packages | xargs -r apt-mark unhold >/dev/null
  rm -f "$own/docker-update"
  if [ "$POLICY" = delete ]; then
    local added=()
    [ ! -e "$own/packages.added" ] || mapfile -t added <"$own/packages.added"
    if [[ " ${added[*]} " == *" docker.io "* ]]; then
      systemctl -q stop docker.socket docker containerd 2>/dev/null || true
    fi
    if [ ${#added[@]} -gt 0 ]; then
      apt-get -qq -o DPkg::Lock::Timeout=300 purge -y "${added[@]}" >/dev/null 2>&1 || fail "removing ${added[*]} failed: run apt-get purge on the host"
    fi
    if [[ " ${added[*]} " == *" docker.io "* ]]; then
      # If /var/lib/docker is a mount point, its content is removed and the mount stays.
      rm -rf /var/lib/docker/* /var/lib/containerd /etc/docker
      rmdir /var/lib/docker 2>/dev/null || true
      ip link del docker0 2>/dev/null || true
      ip link del docker_gwbridge 2>/dev/null || true
    else
      rm -f /etc/docker/daemon.json
    fi
    rm -rf "$own"
  fi
  # At the end, for without it nothing more is taken away.
  rm -f "$owner_file" "$own/volumes"
}

lock_host
"$1"
exit 0
