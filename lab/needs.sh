# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# What the machine must have. Everything is checked before anything is created, and everything that is missing
# is reported together.

faults=()
fault() { faults+=("$*"); }

needs_check() {
  needs_packages
  needs_repositories
  needs_kernel
  needs_cgroups
  needs_room
  needs_free_names
  needs_free_network
  ((${#faults[@]} == 0)) || fail "this machine cannot run the lab:$(printf '\n  - %s' "${faults[@]}")"
}

# Programs, and Debian's package for each.
programs=(
  debootstrap:debootstrap systemd-nspawn:systemd-container ip:iproute2 nft:nftables
  iptables:iptables ssh:openssh-client ssh-keygen:openssh-client sysctl:procps awk:mawk
)

needs_packages() {
  local entry missing=() log
  for entry in "${programs[@]}"; do
    command -v "${entry%:*}" >/dev/null || missing+=("${entry#*:}")
  done
  if ! command -v apt-get >/dev/null; then
    fault "no apt-get: the lab needs a Debian machine"
    return
  fi
  debian_repositories_read
  if ((${#missing[@]})) || [[ -z $(debian_mirror) ]]; then
    say "apt-get update"
    apt-get update -qq >&2 || fault "apt-get update failed, see above"
    debian_repositories_read
  fi
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  log=$(mktemp)
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null ||
    fault "packages ${missing[*]} cannot be installed: $(grep '^E:' "$log" | head -n 1)"
  rm -f "$log"
}

needs_repositories() {
  [[ -n $(debian_mirror) ]] || fault "apt knows no Debian repository (component main): add one and run apt-get update"
  resolver_file >/dev/null ||
    fault "/etc/resolv.conf names a server on loopback only, which the hosts cannot reach: name another"
}

# Each feature is tried, in namespaces that end with the trial.
needs_kernel() {
  local kind
  # In a container nothing loads modules later.
  ! command -v modprobe >/dev/null || modprobe -qa bridge veth vxlan br_netfilter overlay nf_tables || true
  for kind in bridge veth 'vxlan id 1 dstport 4789'; do
    # shellcheck disable=SC2086 # a kind may come with its options
    unshare --net ip link add type $kind 2>/dev/null || fault "the kernel has no ${kind%% *} devices"
  done
  unshare --net nft 'table ip t { chain c { type nat hook postrouting priority srcnat; masquerade; }; }' 2>/dev/null ||
    fault "the kernel has no nftables with NAT"
  unshare --net nft 'table bridge t { chain c { type filter hook prerouting priority -300; }; }' 2>/dev/null ||
    fault "the kernel has no nftables for bridges"
  unshare --net iptables -t nat -A POSTROUTING -m addrtype --src-type LOCAL -j MASQUERADE 2>/dev/null ||
    fault "the kernel has no iptables with NAT and addrtype, which Docker uses on the hosts"
  needs_overlay
  for kind in cgroup ipc mnt net pid uts; do
    [[ -e /proc/self/ns/$kind ]] || fault "the kernel has no $kind namespaces"
  done
}

# Docker's images are overlays whose upper layer is on the host's disk.
needs_overlay() {
  local trial
  trial=$lab_dir.trial
  rm -rf "$trial"
  mkdir -p "$trial"/{lower,upper,work,merged}
  unshare --mount mount -t overlay overlay \
    -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" "$trial/merged" 2>/dev/null ||
    fault "overlay filesystems do not work on ${lab_dir%/*} ($(stat -fc %T "$trial")), as Docker needs: use an ext4 or xfs disk"
  rm -rf "$trial"
}

needs_cgroups() {
  local available controller wanted=(cpu cpuset memory pids)
  if cgroup_is_v2; then
    available=" $(</sys/fs/cgroup/cgroup.controllers) "
  else
    wanted+=(blkio devices freezer)
    available=" $(cgroup_mounts | sed 's|.*/||; s|,| |g' | tr '\n' ' ') "
    [[ $available == *' systemd '* ]] || fault "no cgroup hierarchy for systemd: mount /sys/fs/cgroup/systemd"
  fi
  for controller in "${wanted[@]}"; do
    [[ $available == *" $controller "* ]] || fault "the cgroup controller $controller is not available"
  done
}

needs_room() {
  local free_mb
  free_mb=$(df --output=avail -BM "${lab_dir%/*}" | tail -n 1 | tr -dc 0-9)
  ((free_mb >= 12000)) || fault "${lab_dir%/*} has $free_mb MB of free disk, the hosts and images need 12000"
  mkdir -p "$cache_dir"
  free_mb=$(df --output=avail -BM "$cache_dir" | tail -n 1 | tr -dc 0-9)
  ((free_mb >= 1000)) || fault "$cache_dir has $free_mb MB of free disk, the base system needs 1000"
  free_mb=$(($(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) / 1024))
  ((free_mb >= 4000)) || fault "the machine has $free_mb MB of free memory, three hosts with a small cluster need 4000"
}

# The lab never takes over what someone else created under a name that it uses.
needs_free_names() {
  local host port holder
  if bridge_exists && ! bridge_is_ours; then
    fault "the network device $bridge exists and is not the lab's: remove it (ip link delete $bridge) or rename it"
  fi
  for host in "${hosts[@]}"; do
    port=$(host_port "$host")
    ! device_exists "$port" || [[ $(ip link show dev "$port") == *" master $bridge "* ]] || host_runs "$host" ||
      fault "the network device $port exists and is not the lab's: remove or rename it"
  done
  if ! cgroup_runs registry; then
    holder=$(ss -Hltnp "sport = :$registry_port" 2>/dev/null | awk '$4 ~ /^(0\.0\.0\.0|\*|\[::\]):/' | head -n 1)
    [[ -z $holder ]] || fault "port $registry_port is taken on every address, and the registry needs it: ${holder##* }"
  fi
}

# Looks at this machine only and sends no packets: an address of the lab may belong to another machine.
needs_free_network() {
  local what name where
  while read -r what name where; do
    ! in_lab_network "$where" || fault "$network is in use, $what $where on $name: the lab would interrupt it; remove it, or use another machine"
  done < <(
    ip -o -4 address show | awk -v own="$bridge" '$2 != own { print "address", $2, $4 }'
    ip -4 route show table all | awk -v own="$bridge" '
      {
        device = "(none)"
        for (i = 1; i < NF; i++) if ($i == "dev") device = $(i + 1)
        if (device == own) next
        where = $1 ~ /^[0-9]/ ? $1 : $2
        # The own address of a device is listed above.
        if ($1 !~ /^(local|broadcast)$/ && where ~ /^[0-9]/) print "route", device, where
        for (i = 1; i < NF; i++) if ($i == "via") print "gateway", device, $(i + 1)
      }'
    awk '$1 == "nameserver" { print "name-server", "/etc/resolv.conf", $2 }' /etc/resolv.conf
    # Connections from the lab's own address are left from an earlier lab.
    ss -Htun state connected "dst $network and not src $gateway" |
      awk '{ sub(":[0-9]+$", "", $NF); print "open-connection", $1, $NF }' | sort -u
  )
}

# Whether an address or a network overlaps the lab's. The two halves of the world that some VPNs
# route count as a default route, not as a network.
in_lab_network() {
  local length=24 address=${1%/*} a b c d mask
  [[ $address =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || return 1
  if [[ $1 == */* ]] && ((${1#*/} < length)); then
    length=${1#*/}
  fi
  ((length >= 8)) || return 1
  IFS=. read -r a b c d <<<"$address"
  mask=$(((0xffffffff << (32 - length)) & 0xffffffff))
  (((((a << 24) | (b << 16) | (c << 8) | d) & mask) == ((10 << 24) & mask)))
}
