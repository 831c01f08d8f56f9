# shellcheck shell=bash
# A build that is killed leaves neither processes nor mounts, and the next one is not hindered.

images_cache=$XDG_CACHE_HOME/postgres-cluster/images
rm -rf "$images_cache"/{etcd,proxy}

# Starts a build and returns SECONDS after it has said WHAT.
begin() {
  "$project/images/build" "$registry" --insecure >"$work/killed" 2>&1 &
  building=$!
  timeout 60 bash -c "until grep -q '$1' '$work/killed'; do sleep 0.1; done"
  sleep "$2"
}
# Nothing runs or is mounted that belongs to the cache of these tests.
nothing_is_left() {
  sleep 1
  ! pgrep -af "$images_cache/.work" && ! grep -l "$images_cache/.work" /proc/[0-9]*/mountinfo 2>/dev/null
}
killed() {
  begin "$1" "$2"
  kill -KILL "$building"
  wait "$building" || true
  nothing_is_left
}
stopped() {
  local status=0
  begin 'etcd: building' 3
  kill -TERM "$building"
  wait "$building" || status=$?
  nothing_is_left && ! compgen -G "$images_cache/.work.*" && [[ $status == 143 ]]
}
a_run_clears_up() {
  compgen -G "$images_cache/.work.*" >/dev/null && build && ! compgen -G "$images_cache/.work.*"
}

check 'SIGKILL while an image is built leaves no process and no mount' killed 'etcd: building' 3
check 'SIGTERM leaves no process, no mount and no folder' stopped
rm -rf "$images_cache/base"
check 'SIGKILL while the base is made leaves no process and no mount' killed 'base: Debian' 4
cp -a "$real_cache/base" "$images_cache/"
check 'the next build clears up and ends well' a_run_clears_up
