#!/usr/bin/env bash
# Builds the program as one static file: bash packaging/build.sh ARCH FILE
# ARCH is amd64 or arm64. With VERSION and COMMIT set, the bytes depend on them, the source
# and the compilers only; without, the Go tool records what git says.
set -euo pipefail

case $1 in
  amd64) cc=x86_64-linux-gnu-gcc ;;
  arm64) cc=aarch64-linux-gnu-gcc ;;
  *) echo "build.sh: the architecture must be amd64 or arm64" >&2 && exit 2 ;;
esac
command -v $cc >/dev/null || {
  echo "build.sh: $cc is missing: install gcc, and for the other architecture gcc-aarch64-linux-gnu or gcc-x86-64-linux-gnu" >&2
  exit 1
}
linker="-s -w -buildid= -linkmode=external -extldflags '-static -Wl,--build-id=none'"
if [[ -n ${VERSION:-} ]]; then
  linker+=" -X main.version=$VERSION -X 'main.commit=${COMMIT:-}'"
  export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
fi
# A static program looks up names and users in Go, not in the C library, loads no SQLite
# extension, and has the time zones in it.
CGO_ENABLED=1 GOOS=linux GOARCH=$1 CC=$cc go build -trimpath -ldflags="$linker" \
  -tags=netgo,osusergo,sqlite_omit_load_extension,timetzdata -o "$2" ./cmd/smileybot
