# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# One host: its disk, its power switch, its answer.

# The keys of the lab: the client's, and each host's own, which a reset host keeps.
keys_make() {
  local host making=$lab_dir/ssh.making
  [[ -d $lab_dir/ssh ]] && return
  rm -rf "$making"
  install -d -m 700 "$making"
  ssh-keygen -q -t ed25519 -N '' -C postgres-cluster-lab -f "$making/id_ed25519"
  for host in "${hosts[@]}"; do
    ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$making/$host"
    echo "$(host_address "$host") $(cut -d' ' -f1,2 "$making/$host.pub")" >>"$making/known_hosts"
  done
  mv "$making" "$lab_dir/ssh"
}

# The disk appears complete or not at all.
disk_make() {
  local host=$1 dir
  dir=$(host_dir "$host")
  mkdir -p "$dir"
  rm -rf --one-file-system "$dir/root.making" "$dir/root.removed"
  [[ -d $dir/root ]] && return
  bound cp -a --reflink=auto "$(base_dir)" "$dir/root.making"
  disk_personalise "$host" "$dir/root.making"
  mv "$dir/root.making" "$dir/root"
}

disk_remove() {
  local dir
  dir=$(host_dir "$1")
  [[ -d $dir/root ]] || return 0
  rm -rf --one-file-system "$dir/root.removed"
  mv "$dir/root" "$dir/root.removed"
  bound rm -rf --one-file-system "$dir/root.removed"
}

disk_personalise() {
  local host=$1 root=$2
  echo "$host" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$host" >"$root/etc/hosts"
  cat >"$root/etc/systemd/network/10-host0.network" <<NETWORK
[Match]
Name=host0

[Network]
Address=$(host_address "$host")/${network#*/}
Gateway=$gateway
NETWORK
  install -m 644 "$machine_files/resolv.conf" "$root/etc/resolv.conf"
  install -m 644 "$machine_files/sources.list" "$root/etc/apt/sources.list"
  install -m 644 "$machine_files/apt.conf" "$root/etc/apt/apt.conf.d/99machine"
  install -m 600 "$lab_dir/ssh/$host" "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$lab_dir/ssh/$host.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  install -m 600 "$lab_dir/ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
}

host_runs() { cgroup_runs "$1"; }

host_boot() {
  local host=$1 unified=0
  ! cgroup_is_v2 || unified=1
  cgroup_spawn "$host" "$(host_dir "$host")/console.log" \
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=$unified SYSTEMD_NSPAWN_TMPFS_TMP=0 \
    systemd-nspawn --quiet --boot --register=no --keep-unit \
    --directory="$(host_dir "$host")/root" --machine="$(machine_name "$host")" --hostname="$host" \
    --network-bridge="$bridge" --capability=all --system-call-filter='add_key keyctl bpf' \
    --resolv-conf=off --timezone=off --link-journal=no
}

# Loss of power: the cable goes dead first, because a process that ends would still close its connections (FIN,
# RST), which a machine without power does not do.
host_kill() {
  local host=$1 port machine inode
  port=$(host_port "$host")
  machine=$(machine_name "$host")
  ! device_exists "$port" || ip link set "$port" down
  cgroup_kill "$host"
  ! device_exists "$port" || ip link delete "$port" 2>/dev/null || true
  # Files that systemd-nspawn removes itself when it ends normally.
  inode=$(stat -c %d:%i "$(host_dir "$host")/root" 2>/dev/null || true)
  rm -rf "/run/systemd/nspawn/propagate/$machine" "/run/systemd/nspawn/unix-export/$machine" \
    "/run/systemd/nspawn/locks/inode-$inode" "$(host_dir "$host")/.#root.lck"
}

host_ssh() {
  local host=$1
  shift
  [[ -d $lab_dir/ssh ]] || fail "the lab is down; run: lab up"
  ssh -F none -i "$lab_dir/ssh/id_ed25519" -o IdentitiesOnly=yes \
    -o UserKnownHostsFile="$lab_dir/ssh/known_hosts" -o StrictHostKeyChecking=yes \
    -o BatchMode=yes -o ConnectTimeout="${ssh_timeout:-10}" "root@$(host_address "$host")" "$@"
}

# Becomes the command. The host's process 1 is the child of its systemd-nspawn.
host_network() {
  local host=$1 init
  shift
  init=$(pgrep -P "$(pgrep -f "^systemd-nspawn .*--machine=$(machine_name "$host") ")") || fail "$host is off; run: lab start $host"
  exec nsenter --net="/proc/$init/ns/net" -- "$@"
}

host_answers() { ssh_timeout=2 host_ssh "$1" true </dev/null >/dev/null 2>&1; }

host_wait() {
  local host=$1 deadline=$((SECONDS + 60))
  until host_answers "$host"; do
    host_runs "$host" || fail "$host stopped while booting; its console: $(host_dir "$host")/console.log"
    ((SECONDS < deadline)) ||
      fail "$host runs but does not answer ssh after 60 s; its console: $(host_dir "$host")/console.log"
    sleep 0.2
  done
  say "$host answers at $(host_address "$host")"
}
