# Checks whether this host can run its members. Reports everything that is missing together; changes nothing.
# HOST HOSTS (names of all hosts) CLUSTER (identity of the cluster) ADDRESS PLAN_CPUS (largest member) SHARED_CPUS (all members)
# PLAN_MEMORY PLAN_STORAGE (bytes, all members) ENCRYPTED PORTS
# shellcheck shell=bash

faults=()
fault() { faults+=("$1"); }

check_system() {
  [ "$(id -u)" = 0 ] || fault "the ssh user is not root and has no passwordless sudo: allow it, or set ssh.user to root"
  [ -d /run/systemd/system ] || fault "systemd does not run: use a host that boots with systemd"
  # shellcheck source=/dev/null
  case $(. /etc/os-release && echo "$ID-$VERSION_ID") in
    debian-12 | debian-13) ;;
    *) fault "$(. /etc/os-release && echo "$PRETTY_NAME") is not supported: install Debian 12 or 13" ;;
  esac
  [ -n "$(ip -4 -o addr show to "$ADDRESS")" ] || fault "no interface has its address $ADDRESS: correct hosts[].address"
}

# Each feature is tried, because it may be built in or a module.
probe_link() {
  ip link add pgcprobe0 type "$@" 2>/dev/null || return 1
  ip link del pgcprobe0
}
check_kernel() {
  probe_link bridge || fault "its kernel has no bridges: use a kernel with CONFIG_BRIDGE"
  probe_link veth peer name pgcprobe1 || fault "its kernel has no veth: use a kernel with CONFIG_VETH"
  probe_link vxlan id 4095 dstport 0 || fault "its kernel has no VXLAN: use a kernel with CONFIG_VXLAN"
  grep -qw overlay /proc/filesystems || modprobe -q overlay || fault "its kernel has no overlay filesystem: use a kernel with CONFIG_OVERLAY_FS"
  if [ "$ENCRYPTED" = true ]; then
    local state=(src 127.0.0.1 dst 127.0.0.1 proto esp spi 0x5047)
    if ip xfrm state add "${state[@]}" mode transport aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 64 2>/dev/null; then
      ip xfrm state del "${state[@]}"
    else
      fault "its kernel has no ESP, so an encrypted overlay would silently drop everything between hosts: use a kernel with CONFIG_INET_ESP, or set network.encrypted to false on a LAN that you trust"
    fi
  fi
}

check_clock() {
  local off=$(($(date +%s) - CALLER_CLOCK))
  [ "${off#-}" -le 5 ] || fault "its clock is ${off#-} s off from this machine's: enable time synchronisation (apt-get install chrony) on whichever is wrong"
  if ! systemd-detect-virt -cq && [ "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)" = no ]; then
    say "warning: its clock is not synchronised; leases and certificates depend on it (apt-get install chrony)"
  fi
}

mib() { echo "$(($1 / 1048576)) MiB"; }
check_sizes() {
  local cpus memory free used=0 where=/var/lib
  [ ! -d /var/lib/docker ] || where=/var/lib/docker
  cpus=$(nproc)
  memory=$(($(awk '/^MemTotal:/ {print $2}' /proc/meminfo) * 1024))
  free=$(($(df --output=avail -k "$where" | tail -n 1) * 1024))
  if [ -d /var/lib/docker/volumes ]; then used=$(($(du -sk /var/lib/docker/volumes | cut -f1) * 1024)); fi
  awk -v n="$cpus" -v w="$PLAN_CPUS" 'BEGIN {exit !(w <= n)}' || fault "it has $cpus CPUs, but its largest member needs $PLAN_CPUS: lower resources.*.cpus"
  awk -v n="$cpus" -v w="$SHARED_CPUS" 'BEGIN {exit !(w <= n)}' || say "warning: its members may use $SHARED_CPUS CPUs and share the $cpus that it has"
  [ "$memory" -ge "$PLAN_MEMORY" ] || fault "it has $(mib "$memory") of memory, but its members need $(mib "$PLAN_MEMORY"): lower resources.*.memory or move members (placement)"
  # 2 GiB for the system, Docker and the images, besides the data.
  local wanted=$((PLAN_STORAGE + 2147483648 - used))
  [ "$free" -ge "$wanted" ] || fault "$where has $(mib "$free") free, but its members need $(mib "$wanted"): free space, or lower resources.*.storage"
}

check_ports() {
  local port holder
  for port in $PORTS; do
    holder=$(ss -Hltnp "sport = :$port" | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | head -n 1)
    [ -n "$holder" ] || continue
    # In later runs the cluster's own proxy listens there.
    if command -v docker >/dev/null && [ -n "$(docker ps -q --filter "publish=$port" --filter label=postgres-cluster)" ]; then continue; fi
    fault "port $port is taken by $holder: stop it, because the cluster's clients connect to this port"
  done
}

# In later runs Docker itself listens there; the socket of VXLAN belongs to the kernel and has no process.
check_swarm_ports() {
  local each holder
  for each in tcp/2377 tcp/7946 udp/7946 udp/4789; do
    holder=$(ss -Hln"${each:0:1}"p "sport = :${each#*/}" | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | grep -v '^dockerd ' | head -n 1 || true)
    [ -z "$holder" ] || fault "port ${each#*/} (${each%/*}) is taken by $holder: stop it, because Docker Swarm needs this port between the hosts"
  done
}

# Two stacks on one host would undo each other's changes.
check_owner() {
  local owner
  owner=$(cat "$owner_file" 2>/dev/null) || return 0
  [ "$owner" = "$CLUSTER" ] ||
    fault "it belongs to the cluster $owner, but this stack creates the cluster $CLUSTER: use other hosts, or run pulumi destroy in the other stack first; if that cluster is gone, remove $owner_file from the host"
}

# If a host were removed from the settings, its services and volumes would be removed, too. So hosts in the Swarm have to stay,
# under their names.
check_names() {
  local own nodes id name
  own=$(docker info --format '{{.Swarm.NodeID}}' 2>/dev/null) && [ -n "$own" ] || return 0
  nodes=$(docker node ls -q 2>/dev/null | xargs -r docker node inspect --format '{{.ID}} {{index .Spec.Labels "postgres-cluster.host"}}' 2>/dev/null) || return 0
  while read -r id name; do
    if [ -z "$name" ]; then
      continue
    elif [ "$id" = "$own" ] && [ "$name" != "$HOST" ]; then
      fault "it is $name in the cluster, and hosts cannot be renamed: set hosts[].name back to $name"
    elif [[ " $HOSTS " != *" $name "* ]]; then
      fault "the cluster has $name, which is missing in hosts, and hosts cannot be removed or renamed: put it back under its name"
    fi
  done <<<"$nodes"
}

main() {
  check_system
  check_owner
  check_names
  check_clock
  check_kernel
  check_sizes
  check_ports
  check_swarm_ports
  if [ ${#faults[@]} -gt 0 ]; then
    local text
    for text in "${faults[@]}"; do say "$text"; done
    exit 1
  fi
}
CALLER_CLOCK=$2
main
exit 0
