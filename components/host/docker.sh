# Makes the host a Docker host: packages, daemon, kernel settings, firewall; takes back what it made on delete.
# HOST ADDRESSES (of all hosts) PACKAGES (besides Docker) DAEMON_JSON SYSCTLS FIREWALL POLICY (retain or delete) SSH_USER
# shellcheck shell=bash

own=/etc/postgres-cluster

# write FILE TEXT: true when it changed.
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
  for name in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "install ok installed" || echo "$name"
  done
}

packages() { dpkg-query -W -f='${Package}\n' | sort; }

# Remembers what it adds, and only that, so that `delete` can take it away again; a run that was cut off between
# the two is made good by the next, for the list from before is still there.
install_packages() {
  local wanted
  dpkg --configure -a
  mapfile -t wanted < <(missing_packages)
  if [ ${#wanted[@]} -eq 0 ] && ! [ -e "$own/packages.before" ]; then return; fi
  if ! [ -e "$own/packages.before" ]; then
    packages >"$own/packages.new"
    mv "$own/packages.new" "$own/packages.before"
  fi
  if [ ${#wanted[@]} -gt 0 ]; then
    say "installing ${wanted[*]}"
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update >/dev/null || fail "apt-get update failed: check the host's package sources and its way out"
    "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" >/dev/null || fail "installing ${wanted[*]} failed: check the host's package sources"
  fi
  packages | comm -13 "$own/packages.before" - >>"$own/packages.added"
  rm "$own/packages.before"
}

configure_kernel() {
  write /etc/sysctl.d/60-postgres-cluster.conf "$SYSCTLS" || true
  local refused
  refused=$(sysctl -q -p /etc/sysctl.d/60-postgres-cluster.conf 2>&1 | sed -n 's/.*"\([a-z0-9_.]*\)".*/\1/p' | tr '\n' ' ' || true)
  [ -z "$refused" ] || say "warning: this host refuses the kernel settings ${refused% }"
}

configure_firewall() {
  write "$own/firewall.nft" "$FIREWALL" || true
  write /etc/systemd/system/postgres-cluster-firewall.service "[Unit]
Description=Swarm's ports answer the cluster's hosts only
Before=docker.service network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f $own/firewall.nft
ExecReload=/usr/sbin/nft -f $own/firewall.nft
ExecStop=/usr/sbin/nft delete table inet postgres_cluster
[Install]
WantedBy=multi-user.target" || true
  systemctl daemon-reload
  systemctl -q enable postgres-cluster-firewall
  systemctl reload-or-restart postgres-cluster-firewall || fail "the firewall's rules were refused: $(nft -c -f "$own/firewall.nft" 2>&1 | head -n 1)"
}

configure_docker() {
  local file=/etc/docker/daemon.json
  if [ -e "$file" ] && ! [ -e "$own/daemon.json" ]; then
    fail "$file exists and is not this cluster's: move it away if nothing on the host needs it"
  fi
  write "$own/daemon.json" "$DAEMON_JSON" || true
  if write "$file" "$DAEMON_JSON" && systemctl -q is-active docker; then
    say "restarting Docker with its new configuration"
    systemctl restart docker
  fi
  systemctl -q enable docker
  systemctl start docker || fail "Docker does not start: see journalctl -u docker on the host"
  retry 60 docker info >/dev/null || fail "Docker does not answer: see journalctl -u docker on the host"
  if [ "$SSH_USER" != root ]; then usermod -aG docker "$SSH_USER"; fi
}

create() {
  mkdir -p "$own"
  # The firewall stands before the daemon that it guards.
  install_packages
  configure_kernel
  configure_firewall
  configure_docker
}

delete() {
  systemctl -q disable --now postgres-cluster-firewall 2>/dev/null || true
  rm -f /etc/systemd/system/postgres-cluster-firewall.service /etc/sysctl.d/60-postgres-cluster.conf
  systemctl daemon-reload
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
      # Where /var/lib/docker is a mount of its own, its content goes and the mount stays.
      rm -rf /var/lib/docker/* /var/lib/containerd /etc/docker
      rmdir /var/lib/docker 2>/dev/null || true
      ip link del docker0 2>/dev/null || true
      ip link del docker_gwbridge 2>/dev/null || true
    else
      rm -f /etc/docker/daemon.json
    fi
    rm -rf "$own"
  fi
}

lock_host
"$1"
exit 0
