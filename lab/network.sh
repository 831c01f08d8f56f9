# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# The hosts' network: a bridge on the machine, NAT to the outside, and the cables that can be cut.

device_exists() { ip link show dev "$1" >/dev/null 2>&1; }
bridge_exists() { device_exists "$bridge"; }
bridge_is_ours() { [[ $(ip link show dev "$bridge" 2>/dev/null) == *" $bridge_mac "* ]]; }

network_up() {
  bridge_exists || ip link add "$bridge" address "$bridge_mac" type bridge
  ip address replace "$gateway/${network#*/}" dev "$bridge"
  ip link set "$bridge" up
  rules_are_loaded || rules_load
  firewall_open
  setting_raise net.ipv4.ip_forward 1
  # Each systemd needs about a dozen, and all containers on one kernel share them.
  setting_raise fs.inotify.max_user_instances 1024
}

network_down() {
  settings_restore
  firewall_close
  if rules_are_loaded; then
    nft "delete table ip $rules_name; delete table bridge $rules_name"
  fi
  if bridge_is_ours; then
    ip link delete "$bridge"
  fi
}

rules_are_loaded() { nft list table bridge "$rules_name" >/dev/null 2>&1; }

rules_load() {
  nft -f - <<NFT
table ip $rules_name {
  chain to_outside {
    type nat hook postrouting priority srcnat;
    # Frames between hosts may pass here too (br_netfilter) and must keep their sender.
    ip saddr $network oifname != "$bridge" masquerade
  }
  chain through {
    type filter hook forward priority mangle;
    # The way out may carry less than the hosts' 1500 bytes.
    iifname "$bridge" oifname != "$bridge" tcp flags syn tcp option maxseg size set rt mtu
  }
}
table bridge $rules_name {
  # The cut cables, each way by itself: from which hosts and to which hosts nothing gets through. Both ends keep their
  # carrier, as with a broken switch in between, and a cable stays cut when the host is killed and started.
  set cut_from { type ifname; }
  set cut_to { type ifname; }
  chain from_hosts {
    type filter hook prerouting priority -300;
    iifname @cut_from drop
  }
  chain to_hosts {
    type filter hook postrouting priority -300;
    oifname @cut_to drop
  }
}
NFT
}

# The machine's own firewall must let the lab's packets pass; Docker's, for example, drops all forwarded packets.
firewall_rules=(
  "FORWARD -i $bridge"
  "FORWARD -o $bridge"
  "INPUT -i $bridge -p tcp --dport $registry_port"
)

firewall_open() {
  local rule
  # Without any rule nothing has to be allowed, and iptables need not be loaded.
  iptables_in_use || return 0
  for rule in "${firewall_rules[@]}"; do
    read -ra rule <<<"$rule -m comment --comment $rules_name -j ACCEPT"
    iptables -w -C "${rule[@]}" 2>/dev/null || iptables -w -I "${rule[@]}"
  done
}

firewall_close() {
  local rule
  iptables_in_use || return 0
  for rule in "${firewall_rules[@]}"; do
    read -ra rule <<<"$rule -m comment --comment $rules_name -j ACCEPT"
    while iptables -w -D "${rule[@]}" 2>/dev/null; do :; done
  done
}

iptables_in_use() { nft list table ip filter >/dev/null 2>&1 || grep -qx filter /proc/net/ip_tables_names 2>/dev/null; }

# way HOST VERB from|to: what nft does with the host's cable in that direction.
way() { nft "$2" element bridge "$rules_name" "cut_$3" "{ \"$(host_port "$1")\" }"; }
way_is_cut() { way "$1" get "$2" >/dev/null 2>&1; }

link_is_cut() { way_is_cut "$1" from || way_is_cut "$1" to; }
# link_cut HOST [from|to]: both ways by default.
link_cut() {
  local direction
  for direction in ${2:-from to}; do way "$1" add "$direction"; done
}
link_heal() {
  local direction
  for direction in from to; do
    ! way_is_cut "$1" "$direction" || way "$1" delete "$direction"
  done
}

# Kernel settings of the machine that the lab changes, with their values from before: one line "name value" for
# each, after the id of the boot, because a reboot resets them.
settings_file=$lab_dir/settings-before

setting_raise() {
  local name=$1 wanted=$2 boot now
  boot=$(</proc/sys/kernel/random/boot_id)
  now=$(sysctl -n "$name")
  ((now < wanted)) || return 0
  [[ $(head -n 1 "$settings_file" 2>/dev/null) == "$boot" ]] || echo "$boot" >"$settings_file"
  grep -q "^$name " "$settings_file" || echo "$name $now" >>"$settings_file"
  sysctl -qw "$name=$wanted"
}

settings_restore() {
  local name value
  [[ $(head -n 1 "$settings_file" 2>/dev/null) == "$(</proc/sys/kernel/random/boot_id)" ]] || return 0
  while read -r name value; do
    sysctl -qw "$name=$value"
  done < <(tail -n +2 "$settings_file")
}
