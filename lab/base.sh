# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# The system that every host starts from: bare Debian with systemd and sshd, created once by debootstrap.

base_packages=(systemd systemd-sysv dbus openssh-server iproute2 ca-certificates)

# Folder of the base system. Its name is a hash of everything that it is built from.
base_dir() {
  local hash
  hash=$({
    cat "$here/base.sh"
    echo "$suite"
    dpkg --print-architecture
  } | sha256sum | cut -c1-16)
  echo "$cache_dir/hosts/$hash"
}

# Takes the mirror of the suite.
base_make() {
  local mirror=$1 base made log
  base=$(base_dir)
  [[ -d $base ]] && return
  mkdir -p "${base%/*}"
  find "${base%/*}" -mindepth 1 -maxdepth 1 -name '*.making*' -exec rm -rf --one-file-system {} +
  made=$base.making
  log=$base.making.log
  say "creating the base system (Debian $suite; once, about a minute)"
  # The namespaces end with debootstrap, so none of its mounts or daemons is left.
  bound unshare --mount --pid --fork --kill-child=KILL \
    debootstrap --variant=minbase --include="$(IFS=,; echo "${base_packages[*]}")" \
    "$suite" "$made" "$mirror" >"$log" 2>&1 </dev/null ||
    fail "debootstrap could not create Debian $suite from $mirror: $(tail -n 1 "$log") (log: $log)"
  base_finish "$made"
  rm -f "$log"
  sync -f "$made"
  mv "$made" "$base"
  base_prune
  say "base system ready"
}

# Turns the installed packages into a bare machine.
base_finish() {
  local root=$1
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  rm -f "$root"/etc/ssh/ssh_host_*
  : >"$root/etc/machine-id"
  install -d -m 700 "$root/root/.ssh"

  # As Debian's installer leaves it; without it each login logs an error.
  echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
  # There is no console to log in on, and no timer may hold apt's locks.
  local unit
  for unit in console-getty.service systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/systemd-networkd.service \
    "$root/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"

  # cgroup v1 hierarchies are mounted read-only in a container, and Docker must write to them. Each
  # host is in a cgroup namespace of its own, so it sees and changes only its own part.
  cat >"$root/etc/systemd/system/writable-cgroups.service" <<'UNIT'
[Unit]
Description=Make the cgroup v1 hierarchies writable
DefaultDependencies=no
Before=sysinit.target
ConditionPathExists=/sys/fs/cgroup/memory

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for each in /sys/fs/cgroup/*/; do mount -o remount,rw,bind "$each" || exit 1; done'

[Install]
WantedBy=sysinit.target
UNIT
  install -d "$root/etc/systemd/system/sysinit.target.wants"
  ln -sf ../writable-cgroups.service "$root/etc/systemd/system/sysinit.target.wants/"
}

# Keeps the newest two.
base_prune() {
  local old
  while read -r old; do
    rm -rf --one-file-system "${cache_dir:?}/hosts/$old"
  done < <(find "$cache_dir/hosts" -mindepth 1 -maxdepth 1 -type d ! -name '*.making*' -printf '%C@ %f\n' |
    sort -rn | tail -n +3 | cut -d' ' -f2)
}
