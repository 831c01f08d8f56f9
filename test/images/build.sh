# shellcheck shell=bash
# images/build: what it pushes, what it writes, how it uses its cache, how it fails.

json=$project/build/images.json
build() {
  "$project/images/build" "$registry" --insecure 2>&1
}

digests_are_the_registrys() {
  local name reference
  for name in etcd database proxy; do
    reference=$(jq --raw-output ".$name" "$json")
    [[ $reference =~ ^$registry/postgres-cluster/$name:[0-9]+(\.[0-9]+)+@sha256:[0-9a-f]{64}$ ]] || { echo "$reference"; return 1; }
    # What the version's tag gives is what the digest names.
    [[ sha256:$(skopeo inspect --raw --tls-verify=false "docker://${reference%@*}" | sha256sum | cut -d' ' -f1) == \
      "${reference#*@}" ]] || return 1
  done
  [[ $(jq --compact-output keys "$json") == '["citus","database","etcd","proxy","ruvector"]' ]]
}

second_build_is_quick() {
  local started=$EPOCHREALTIME
  build | tee "$work/second"
  (((${EPOCHREALTIME/./} - ${started/./}) / 1000 < 1500)) && ! grep -qE 'building|pushed' "$work/second"
}

pushes_again_only_what_is_missing() {
  rm -rf "$work/registry/docker/registry/v2/repositories/postgres-cluster/proxy"
  build | tee "$work/third"
  grep -q 'proxy: pushed' "$work/third" && ! grep -qE 'building|etcd: pushed|database: pushed' "$work/third"
  digests_are_the_registrys
}

unreachable_registry_is_named() {
  local before
  before=$(<"$json")
  ! "$project/images/build" 127.0.0.1:1 --insecure >"$work/unreachable" 2>&1
  grep -q 'error: cannot push etcd to 127.0.0.1:1: ' "$work/unreachable" && [[ $(<"$json") == "$before" ]]
}

usage_is_shown() {
  local status=0
  "$project/images/build" >"$work/usage" 2>&1 || status=$?
  [[ $status == 2 ]] && grep -q 'Usage: images/build (REGISTRY' "$work/usage"
}

only_makes() {
  local before
  before=$(stat -c %i "$json")
  "$project/images/build" --no-push 2>&1 | tee "$work/made"
  ! grep -q pushed "$work/made" && [[ $(stat -c %i "$json") == "$before" ]]
}

# The record of etcd's image is made to look as if a package had been older. The others are replaced if Debian has
# published something for them meanwhile, and only then.
update_replaces_only_what_changed() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images/etcd packages=$project/build/packages newest old name
  newest=$(find "$folder" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
  sed -i 's/^libc6 .*/libc6 2.41-1/' "$newest/packages"
  old=$(<"$json")
  rm -rf "$work/packages"
  cp -r "$packages" "$work/packages"
  "$project/images/build" "$registry" --insecure --update 2>&1 | tee "$work/updated"
  grep -q '  - libc6 2.41-1$' "$work/updated" && grep -q '  + libc6 2.41-' "$work/updated" || return 1
  [[ $(jq .etcd "$json") != $(jq .etcd <<<"$old") ]] || return 1
  for name in database proxy; do
    if cmp "$work/packages/$name.txt" "$packages/$name.txt"; then
      grep -q "$name: no package has another version; the image stays as it is" "$work/updated" &&
        [[ $(jq ".$name" "$json") == $(jq ".$name" <<<"$old") ]] || return 1
    else
      [[ $(jq ".$name" "$json") != $(jq ".$name" <<<"$old") ]] || return 1
    fi
  done
}

packages_are_recorded() {
  grep -qE '^haproxy 3\.' "$project/build/packages/proxy.txt" &&
    grep -qE '^postgresql-17 17\.' "$project/build/packages/database.txt" &&
    grep -qE '^etcd-server ' "$project/build/packages/etcd.txt"
}

check 'the images are built and pushed' build
check 'the packages of each image are recorded' packages_are_recorded
check 'images.json names each image as the registry has it' digests_are_the_registrys
check 'a second build takes no time, builds nothing, pushes nothing' second_build_is_quick
check 'only what the registry lacks is pushed' pushes_again_only_what_is_missing
check 'an update replaces the image whose packages changed, and no other' update_replaces_only_what_changed
check 'with --no-push nothing is pushed, images.json stays' only_makes
check 'a registry that does not answer is named, images.json stays' unreachable_registry_is_named
check 'without a registry the usage is shown' usage_is_shown
check 'no working folder is left in the cache' \
  bash -c '! compgen -G "${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images/.work.*"'
check 'all scripts pass shellcheck' bash -c "cd '$project' && grep -rlE '^#!/bin/bash' images | xargs shellcheck --external-sources"
