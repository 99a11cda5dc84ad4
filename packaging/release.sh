#!/usr/bin/env bash
# Builds a release into dist/: bash packaging/release.sh VERSION [ARCH…]
# The same source, version and compilers give the same bytes. Without a git history, COMMIT and
# SOURCE_DATE_EPOCH must be set. dist/ is made again from nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022

VERSION=${1:-}
[[ $VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || {
  echo "release: give a version, as in: make release VERSION=v1.2.3" >&2
  exit 2
}
shift
(($# > 0)) || set -- amd64 arm64

history() { git -c safe.directory="$PWD" "$@"; }
if [[ -z ${SOURCE_DATE_EPOCH:-} || -z ${COMMIT:-} ]]; then
  COMMIT=$(history rev-parse HEAD)
  SOURCE_DATE_EPOCH=$(history log -1 --format=%ct)
  [[ -z $(history status --porcelain) ]] || COMMIT+=" and changes"
fi
export VERSION COMMIT SOURCE_DATE_EPOCH

tool() { GOFLAGS="${GOFLAGS:-} -trimpath -buildvcs=false" go tool -modfile=tools/packaging/go.mod "$@"; }

# notices prints the licence of every module in the program.
notices() {
  echo "smileybot contains the Go modules below, the Go standard library, SQLite (public domain)"
  echo "and parts of the GNU C library (LGPL 2.1 or later)."
  go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/smileybot |
    LC_ALL=C sort -u | while read -r path version folder; do
    local found=""
    for found in "$folder"/LICEN[CS]E* "$folder"/COPYING* "$folder"/NOTICE*; do
      [[ -f $found ]] || continue
      printf '\n==== %s %s: %s\n\n' "$path" "$version" "${found##*/}"
      cat "$found"
    done
  done
}

# archive packs folder $1 the same way every time.
archive() {
  tar --create --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u+rwX,go+rX,go-w --directory="${1%/*}" "${1##*/}" | gzip -n -9
}

rm -rf dist
stage=dist/stage
mkdir -p $stage/completions
for ARCH in "$@"; do
  bash packaging/build.sh "$ARCH" "dist/smileybot_${VERSION#v}_linux_$ARCH"
done

native=dist/smileybot_${VERSION#v}_linux_$(go env GOHOSTARCH)
day=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%F)
"$native" man --date "$day" >$stage/smileybot.1
gzip -n -9 <$stage/smileybot.1 >$stage/smileybot.1.gz
for shell in bash zsh fish; do
  "$native" completion $shell >"$stage/completions/smileybot.$shell"
done
notices >$stage/THIRD-PARTY-NOTICES.txt

for ARCH in "$@"; do
  export ARCH
  name=smileybot_${VERSION#v}_linux_$ARCH
  tool cyclonedx-gomod bin -json -noserial -notimestamp -std -version "$VERSION" -output "dist/$name.cdx.json" "dist/$name" 2>/dev/null

  folder=$stage/$name
  mkdir -p "$folder"
  cp -r "dist/$name" $stage/smileybot.1 $stage/completions $stage/THIRD-PARTY-NOTICES.txt \
    packaging/{smileybot.service,smileybot.env,copyright} "$folder"
  mv "$folder/$name" "$folder/smileybot"
  archive "$folder" >"dist/$name.tar.gz"

  cp "dist/$name" $stage/smileybot
  for packager in deb rpm; do
    tool nfpm package --config packaging/nfpm.yaml --packager $packager --target dist/ >/dev/null
  done
done
rm -r $stage
(cd dist && LC_ALL=C sha256sum smileybot* >SHA256SUMS)
ls -l dist
