# shellcheck shell=bash
# Citus' package: which ones are refused and how, and where it comes from. Built in a cache of its own.

real_cache=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster/images
export XDG_CACHE_HOME=$work/cache
mkdir -p "$XDG_CACHE_HOME/postgres-cluster/images"
cp -a "$real_cache"/{base,etcd,proxy} "$XDG_CACHE_HOME/postgres-cluster/images/"

debs=$project/images/database/debs
rm -f "$debs"/*.deb

# deb NAME ARCHITECTURE DEPENDS: a package with nothing in it.
deb() {
  local tree=$work/deb
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN"
  printf '%s\n' "Package: $1" 'Version: 14.0.0.citus-1' "Architecture: $2" "Depends: $3" \
    'Maintainer: nobody <nobody@localhost>' 'Description: nothing' >"$tree/DEBIAN/control"
  dpkg-deb --build --root-owner-group "$tree" "$debs/$1_14.0.0.citus-1_$2.deb" >/dev/null
}

# refused WHAT: the build fails before it builds anything, with this as its one error.
refused() {
  local status=0
  build >"$work/refused" || status=$?
  rm -f "$debs"/*.deb
  cat "$work/refused"
  [[ $status == 1 && $(grep -c 'error: ' "$work/refused") == 1 ]] && grep -q "error: $1" "$work/refused" &&
    ! grep -q 'database: building' "$work/refused"
}

native=$(dpkg --print-architecture)
foreign=arm64
[[ $native != arm64 ]] || foreign=amd64

deb postgresql-17-citus-14.0 "$foreign" postgresql-17
check 'a package for another architecture is refused' refused \
  "postgresql-17-citus-14.0_.*\.deb is for the architecture $foreign, this machine builds for $native: put one "
deb postgresql-16-citus-14.0 "$native" postgresql-16
check 'a package for another PostgreSQL is refused' refused \
  'postgresql-16-citus-14.0_.*\.deb is for PostgreSQL 16, the image has PostgreSQL 17: put one '
deb postgresql-17-topn "$native" postgresql-17
check 'a package that is not Citus is refused' refused 'postgresql-17-topn_.*\.deb is the package postgresql-17-topn, not Citus: '
echo broken >"$debs/postgresql-17-citus-14.0.deb"
check 'a broken package is refused' refused 'postgresql-17-citus-14.0.deb is not a whole Debian package: '
deb postgresql-17-citus-14.0 "$native" postgresql-17
deb postgresql-17-citus-13.0 "$native" postgresql-17
check 'two packages are refused' refused 'images/database/debs holds 2 packages, only one can be installed: '
deb postgresql-17-citus-14.0 "$native" 'postgresql-17, libssl1.1'
check 'a package for another Debian release is refused' refused \
  'images/database/debs: Citus 14.0.0 is not for Debian trixie (.*libssl1\.1.*): put '

# A package repository like Citus' own, as files.
repository=$work/repository
mkdir -p "$repository/debian/dists/trixie/main/binary-$native" "$repository/debian/pool" "$work/downloads"
deb postgresql-17-citus-13.0 "$native" postgresql-17
deb postgresql-17-citus-14.0 "$native" postgresql-17
mv "$debs"/*.deb "$repository/debian/pool/"
(cd "$repository/debian" && dpkg-scanpackages --multiversion pool >"dists/trixie/main/binary-$native/Packages") 2>/dev/null
packages=$repository/debian/dists/trixie/main/binary-$native/Packages
printf '%s\n' 'Suite: trixie' 'Codename: trixie' "Architectures: $native" 'Components: main' "Date: $(date --utc -R)" \
  'SHA256:' " $(sha256sum "$packages" | cut -d' ' -f1) $(stat -c %s "$packages") main/binary-$native/Packages" \
  >"$repository/debian/dists/trixie/Release"
export GNUPGHOME=$work/gnupg
mkdir --mode=0700 "$GNUPGHOME"
{
  gpg --batch --passphrase '' --quick-generate-key citus@localhost ed25519 sign never
  gpg --armor --export >"$repository/gpgkey"
  gpg --batch --clearsign --output "$repository/debian/dists/trixie/InRelease" "$repository/debian/dists/trixie/Release"
} 2>"$work/gpg.log"
gpgconf --kill all

fetch() {
  rm -f "$work/downloads"/*
  "$project/images/citus/fetch" "$work/downloads" "$1"
}
fetches_the_newest() {
  fetch "file://$repository" && [[ $(ls "$work/downloads") == postgresql-17-citus-14.0_14.0.0.citus-1_$native.deb ]]
}
fetches_nothing() {
  fetch file:///nowhere && [[ -z $(ls "$work/downloads") ]]
}
refuses() {
  local status=0
  fetch "file://$repository" >"$work/refuses" 2>&1 || status=$?
  cat "$work/refuses"
  [[ $status == 1 && -z $(ls "$work/downloads") ]] && grep -q "error: $1" "$work/refuses"
}
check "the newest package comes from Citus' repository" fetches_the_newest
check 'a repository out of reach is no error' fetches_nothing
echo >>"$repository/debian/pool/postgresql-17-citus-14.0_14.0.0.citus-1_$native.deb"
check 'a package that was tampered with is refused' refuses 'cannot download postgresql-17-citus-14.0 '
sed -i 's/^Date: .*/Date: Thu, 01 Jan 2026 00:00:00 +0000/' "$repository/debian/dists/trixie/InRelease"
check 'a repository with a wrong signature is refused' refuses "Citus' package repository answers but cannot be used"

has_citus() {
  build && [[ $(jq --raw-output .citus "$json") == 14.0.0 ]] &&
    skopeo inspect --config --tls-verify=false "docker://$(jq --raw-output '.database | sub(":[^:]*@"; "@")' "$json")" |
    jq --exit-status '.config.Labels["postgres-cluster.citus"] == "14.0.0"'
}
deb postgresql-17-citus-14.0 "$native" 'postgresql-17, libcurl4t64, liblz4-1, libpq5, libssl3t64, libzstd1'
check 'the right package is built in, named in label and images.json' has_citus
