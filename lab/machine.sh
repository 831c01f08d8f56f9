# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# What the hosts take over from the machine: where packages and names come from.

# Prints Debian's repositories, as apt knows them, as lines "uri suite component". The machine may run a newer
# Debian than the hosts; the archive is the same.
debian_repositories=''
debian_repositories_read() {
  # shellcheck disable=SC2016 # apt's placeholders, not the shell's
  debian_repositories=$(
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
      awk -v suite="$suite" '$1 == "Debian" && $4 == "main" && sub("^[a-z]+", suite, $3) &&
        $3 ~ "^" suite "(-updates|-security)?$" && !seen[$2, $3]++ { print $2, $3, $4 }'
  )
}

debian_mirror() { awk -v suite="$suite" '$2 == suite { print $1; exit }' <<<"$debian_repositories"; }

# The files as each new disk gets them.
machine_files=$lab_dir/machine

machine_files_write() {
  mkdir -p "$machine_files"
  awk '{ print "deb", $0 }' <<<"$debian_repositories" >"$machine_files/sources.list"
  # Proxies, and apt settings that the machine needs to use its repositories.
  apt-config dump --format '%F "%v";%n' >"$machine_files/apt.all"
  grep -E '^Acquire::(https?::|Check-)[^ ]+ "[^"]+";$' "$machine_files/apt.all" >"$machine_files/apt.conf" || true
  rm "$machine_files/apt.all"
  cat "$(resolver_file)" >"$machine_files/resolv.conf"
}

# The file with the real name servers: systemd-resolved's own address exists on the machine only.
resolver_file() {
  local file
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    if [[ -e $file ]] && ! grep -qE '^nameserver +(127\.|::1)' "$file"; then
      echo "$file"
      return
    fi
  done
  return 1
}
