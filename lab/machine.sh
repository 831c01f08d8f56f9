# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# What the hosts take over from the machine: where packages and names come from.

# Debian's repositories as apt knows them, whatever files they are written in: "uri suite component".
# The machine may run a newer Debian than the hosts, the archive's layout is the same.
debian_repositories() {
  # shellcheck disable=SC2016 # apt's placeholders, not the shell's
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == "Debian" && $4 == "main" {
      if (sub("^[a-z]+", suite, $3) && $3 ~ "^" suite "(-updates|-security)?$" && !seen[$2, $3]++) print $2, $3, $4
    }'
}

debian_mirror() { debian_repositories | awk -v suite="$suite" '$2 == suite { print $1; exit }'; }

apt_sources() { debian_repositories | sed 's/^/deb /'; }

# Proxies, and what the machine had to relax to use its repositories.
apt_settings() { apt-config dump --format '%F "%v";%n' | grep -E '^Acquire::(https?::|Check-)[^ ]+ "[^"]+";$' || true; }

# The file with the real name servers: systemd-resolved's own address exists on the machine only.
resolver_configuration() {
  local file
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    if grep -qsE '^nameserver +(127\.|::1)' "$file" || [[ ! -e $file ]]; then
      continue
    fi
    cat "$file"
    return
  done
  return 1
}
