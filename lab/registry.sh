# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# The image registry on the bridge. Its program is taken out of Debian's package instead of installing
# that: the package would start a registry of its own on every address of the machine.

# The program is linked with the machine's own C library, hence the machine's release in the name.
registry_program() {
  # shellcheck source=/dev/null
  echo "$cache_dir/docker-registry/$(. /etc/os-release && echo "$ID-$VERSION_ID-$HOSTTYPE")/docker-registry"
}

registry_fetch() {
  local program making
  program=$(registry_program)
  [[ -x $program ]] && return
  making=${program%/*}.making
  rm -rf "$making"
  mkdir -p "$making"
  (cd "$making" && apt-get download -qq -o APT::Sandbox::User=root docker-registry) >&2 ||
    fail "Debian's package docker-registry cannot be downloaded; run: apt-get update"
  dpkg-deb --fsys-tarfile "$making"/*.deb |
    tar -x -C "$making" --strip-components=3 ./usr/bin/docker-registry
  rm "$making"/*.deb
  mv "$making" "${program%/*}"
}

registry_start() {
  mkdir -p "$lab_dir/registry/images"
  cat >"$lab_dir/registry/config.yml" <<YAML
version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: $lab_dir/registry/images
http:
  addr: $gateway:$registry_port
YAML
  cgroup_spawn registry "$lab_dir/registry/log" \
    OTEL_TRACES_EXPORTER=none "$(registry_program)" serve "$lab_dir/registry/config.yml"
  local deadline=$((SECONDS + 15))
  until registry_answers; do
    ((SECONDS < deadline)) || fail "the registry does not answer at $gateway:$registry_port; its log: $lab_dir/registry/log"
    sleep 0.1
  done
  say "registry answers at $gateway:$registry_port"
}

registry_answers() {
  local answer
  # shellcheck disable=SC2016 # expanded by the inner shell
  answer=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"; printf "GET /v2/ HTTP/1.0\r\n\r\n" >&3; head -n 1 <&3' \
    "$gateway" "$registry_port" 2>/dev/null) || return 1
  [[ $answer == *' 200 '* ]]
}
