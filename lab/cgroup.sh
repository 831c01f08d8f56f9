# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# Every long-lived process of the lab is in a cgroup of the lab. The cgroup, not a pid file, says what runs: it
# cannot name another process that reuses a pid, and it is gone after a reboot of the machine.

cgroup_is_v2() { [[ $(stat -fc %T /sys/fs/cgroup) == cgroup2fs ]]; }

# Where each hierarchy is mounted: one line with cgroup v2, several with v1.
cgroup_mounts() {
  awk '$5 ~ "^/sys/fs/cgroup" && / - cgroup2? / { print $5 }' /proc/self/mountinfo
}

cgroup_make() {
  local name=$1 mount level
  while read -r mount; do
    mkdir -p "$mount/$cgroup_name/$name"
    if [[ -e $mount/cgroup.subtree_control ]]; then
      for level in "$mount" "$mount/$cgroup_name"; do
        cgroup_enable_controllers "$level"
      done
    elif [[ -e $mount/cpuset.cpus ]]; then
      # A new v1 cpuset is empty and admits nobody.
      for level in "$cgroup_name" "$cgroup_name/$name"; do
        cat "$mount/cpuset.cpus" >"$mount/$level/cpuset.cpus"
        cat "$mount/cpuset.mems" >"$mount/$level/cpuset.mems"
      done
    fi
  done < <(cgroup_mounts)
}

# One by one, so that a controller that cannot be enabled does not prevent the others; those that Docker needs
# are checked before (needs.sh).
cgroup_enable_controllers() {
  local level=$1 controller
  for controller in $(<"$level/cgroup.controllers"); do
    echo "+$controller" >"$level/cgroup.subtree_control" 2>/dev/null || true
  done
}

cgroup_pids() {
  local name=$1 mount
  # A process is in all hierarchies, one is enough.
  read -r mount < <(cgroup_mounts) || return 0
  [[ -d $mount/$cgroup_name/$name ]] || return 0
  find "$mount/$cgroup_name/$name" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

cgroup_runs() { [[ -n $(cgroup_pids "$1") ]]; }

# Kills everything in a cgroup at once and removes it.
cgroup_kill() {
  local name=$1 mount pids attempt
  for ((attempt = 0; attempt < 500; attempt++)); do
    mapfile -t pids < <(cgroup_pids "$name")
    ((${#pids[@]})) || break
    kill -KILL "${pids[@]}" 2>/dev/null || true
    sleep 0.02
  done
  ((attempt < 500)) || fail "processes of $name survive SIGKILL: ${pids[*]}; look at them with ps"
  for ((attempt = 0; attempt < 100; attempt++)); do
    while read -r mount; do
      [[ ! -d $mount/$cgroup_name/$name ]] ||
        find "$mount/$cgroup_name/$name" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done < <(cgroup_mounts)
    cgroup_exists "$name" || return 0
    # The kernel may take a moment to release the last process.
    sleep 0.05
  done
  fail "the cgroups $cgroup_name/$name cannot be removed, something still uses them"
}

cgroup_exists() {
  local mount
  while read -r mount; do
    [[ ! -d $mount/$cgroup_name/$1 ]] || return 0
  done < <(cgroup_mounts)
  return 1
}

# Starts COMMAND in the cgroup NAME so that it outlives the caller and keeps nothing of it: no terminal, no
# pipes, no environment, no lock.
cgroup_spawn() {
  local name=$1 log=$2
  shift 2
  cgroup_make "$name"
  (
    cd /
    while read -r mount; do
      echo "$BASHPID" >"$mount/$cgroup_name/$name/cgroup.procs"
    done < <(cgroup_mounts)
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      ((fd <= 2)) || exec {fd}>&-
    done
    exec setsid env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
  ) </dev/null >>"$log" 2>&1 &
  until cgroup_runs "$name" || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
}
