#!/usr/bin/env bash
# Builds a release twice, compares the bytes, and tries what it holds: the programs, the .deb
# (installed, started, upgraded, removed, purged), the .rpm and the file system of the image.
# Needs root, and a machine on which smileybot is not installed; leaves nothing behind.
# With FRESH=1 the second build compiles everything again, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { echo "packages: $*" >&2 && exit 1; }
same() { [[ $2 == "$3" ]] || fail "$1: got '$2', want '$3'"; }

! dpkg-query --show smileybot >/dev/null 2>&1 || fail "smileybot is installed on this machine: remove it first"
[[ ! -e /etc/smileybot && ! -e /var/lib/smileybot ]] || fail "/etc/smileybot or /var/lib/smileybot is in the way"

folder=$(mktemp -d)
chmod 0755 "$folder"
bot=""
clean() {
  local status=$?
  [[ -z $bot ]] || kill "$bot" 2>/dev/null || true
  dpkg --purge smileybot >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit $status
}
trap clean EXIT

# The copies have no git history, so what a release takes from it is set here.
history() { git -c safe.directory="$PWD" "$@"; }
COMMIT=$(history rev-parse HEAD)
SOURCE_DATE_EPOCH=$(history log -1 --format=%ct)
export COMMIT SOURCE_DATE_EPOCH DEBIAN_FRONTEND=noninteractive
arch=$(go env GOHOSTARCH)

copy() { mkdir -p "$1" && tar -c --exclude=./dist --exclude=./.git . | tar -x -C "$1"; }

# The two builds have different folders, and with FRESH=1 different caches.
two_builds() {
  copy "$folder/a" && copy "$folder/another/b"
  make --no-print-directory -s -C "$folder/a" release VERSION=v0.0.1-rc.1
  GOCACHE=${FRESH:+$folder/cache} make --no-print-directory -s -C "$folder/another/b" release VERSION=v0.0.1-rc.1 >/dev/null
  diff "$folder/a/dist/SHA256SUMS" "$folder/another/b/dist/SHA256SUMS" || fail "two builds of the same source differ"
  mv "$folder/a/dist" "$folder/first"
  rm -rf "$folder/another"
  (cd "$folder/first" && sha256sum --check --quiet SHA256SUMS)
}

# programs runs each program; the one of the other architecture in qemu.
programs() {
  local program run
  for program in "$folder"/first/*_linux_{amd64,arm64}; do
    ! readelf --program-headers --wide "$program" | grep -q INTERP || fail "$program is not static"
    run=("$program")
    case $program in
      *_"$arch") ;;
      *_amd64) run=(qemu-x86_64 "$program") ;;
      *_arm64) run=(qemu-aarch64 "$program") ;;
    esac
    same "$program --version" "$("${run[@]}" --version)" "smileybot v0.0.1-rc.1"
    same "the commit of $program" "$("${run[@]}" version | sed -n 's/^commit  *//p')" "$COMMIT"
    timeout 120 "${run[@]}" demo --once 1 >/dev/null
    grep -q '"name": "github.com/mattn/go-sqlite3"' "$program.cdx.json" || fail "the SBOM of $program lacks SQLite"
    tar -tzf "$program.tar.gz" >"$folder/list"
    grep -q '/smileybot\.1$' "$folder/list" || fail "the archive of $program lacks the man page"
  done
  program=$folder/first/smileybot_0.0.1-rc.1_linux_$arch
  bash -n <("$program" completion bash)
  "$program" man --date 2026-01-01 | man --warnings -l - 2>"$folder/warnings" >/dev/null
  [[ ! -s $folder/warnings ]] || fail "the man page: $(<"$folder/warnings")"
}

# healthy waits until the health check succeeds: $@ is the program.
healthy() {
  local _
  for _ in {1..100}; do
    ! "$@" health >/dev/null 2>&1 || return 0
    kill -0 "$bot" 2>/dev/null || fail "the bot ended by itself: $(<"$folder/log")"
    sleep 0.1
  done
  fail "the bot is not healthy after 10 seconds: $(<"$folder/log")"
}

stop() {
  kill "$bot"
  wait "$bot" || fail "the bot did not stop in good order, exit status $?: $(<"$folder/log")"
  bot=""
}

# settings are those of a bot whose Slack is away: it starts, and takes ratings.
secret="whsec_$(head -c 24 /dev/zero | base64)"
settings=(
  SLACK_BOT_TOKEN=xoxb-0 SLACK_SIGNING_SECRET=00000000000000000000000000000000 SLACK_CHANNEL=C0SUPPORT
  SLACK_API_URL=http://127.0.0.1:9/ "SMILEYBOT_WEBHOOK_SECRETS=$secret"
  SMILEYBOT_LISTEN=127.0.0.1:18080 SMILEYBOT_ADMIN_LISTEN=127.0.0.1:19090
)
rate() {
  for _ in {1..50}; do # until the bot has started, it answers 503
    ! "$1" send --url http://127.0.0.1:18080/webhooks/feedback --secret "$secret" --channel ticket --smiley red >/dev/null 2>&1 || return 0
    sleep 0.2
  done
  fail "the bot takes no rating after 10 seconds: $(<"$folder/log")"
}

# deb installs the .deb, and starts the program as the unit does, except for the sandbox:
# no systemd runs here.
deb() {
  local unit=/usr/lib/systemd/system/smileybot.service as_service
  apt-get install -y -qq "$1" >/dev/null
  same "the modes" "$(stat -c '%A %U:%G %n' /usr/bin/smileybot $unit /etc/smileybot /etc/smileybot/smileybot.env \
    /var/lib/smileybot)" "-rwxr-xr-x root:root /usr/bin/smileybot
-rw-r--r-- root:root $unit
drwxr-x--- root:smileybot /etc/smileybot
-rw-r----- root:smileybot /etc/smileybot/smileybot.env
drwxr-x--- smileybot:smileybot /var/lib/smileybot"
  systemd-analyze verify $unit
  systemd-analyze security --offline=true --threshold=15 $unit >"$folder/exposure" ||
    fail "the unit is too open: $(tail -n 1 "$folder/exposure")"
  tail -n 1 "$folder/exposure"

  printf '%s\n' "${settings[@]}" >>/etc/smileybot/smileybot.env
  as_service=(setpriv --reuid=smileybot --regid=smileybot --init-groups --no-new-privs --bounding-set=-all
    env -i --chdir=/var/lib/smileybot sh -c 'set -a && umask 0077 && . /etc/smileybot/smileybot.env && exec "$@"' sh)
  read -ra command < <(sed -n 's/^ExecStart=//p' $unit)
  "${as_service[@]}" "${command[@]}" 2>"$folder/log" &
  bot=$!
  healthy "${as_service[@]}" /usr/bin/smileybot
  rate /usr/bin/smileybot
  stop
  same "the database" "$(stat -c '%A %U' /var/lib/smileybot/smileybot.db)" "-rw------- smileybot"

  apt-get install -y -qq "$2" >/dev/null
  same "the upgrade" "$(smileybot --version)" "smileybot v0.0.1"
  grep -qx "${settings[0]}" /etc/smileybot/smileybot.env || fail "the upgrade lost the settings"
  same "the ratings after the upgrade" "$("${as_service[@]}" smileybot export | wc -l)" 2

  apt-get remove -y -qq smileybot >/dev/null
  [[ ! -e /usr/bin/smileybot && -e /etc/smileybot/smileybot.env && -e /var/lib/smileybot/smileybot.db ]] ||
    fail "remove takes the program, and keeps settings and database"
  apt-get purge -y -qq smileybot >/dev/null
  [[ ! -e /etc/smileybot && ! -e /var/lib/smileybot && ! -e $unit ]] || fail "purge leaves files behind"
  ! getent passwd smileybot >/dev/null || fail "purge leaves the user behind"
}

# rpm_files compares the .rpm with the .deb: the same files, modes and owners.
rpm_files() {
  local files='[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]'
  dpkg-deb --contents "$1" | awk '{sub(/^\./, "", $NF); print $1, $2, $NF}' |
    sed 's|/$||; s|vendor-completions|site-functions|' | LC_ALL=C sort >"$folder/deb-files"
  rpm --query --package --queryformat "$files" "$2" | LC_ALL=C sort >"$folder/rpm-files"
  # The .deb also lists the folders that every system has.
  LC_ALL=C comm -13 "$folder/deb-files" "$folder/rpm-files" >"$folder/only-rpm"
  [[ ! -s $folder/only-rpm ]] || fail "only in the .rpm: $(<"$folder/only-rpm")"
  same "what only the .deb has" "$(LC_ALL=C comm -23 "$folder/deb-files" "$folder/rpm-files" | grep -v ^d || true)" ""
}

# image runs the program in the file system of the image, as its user.
image() {
  local inside=(env "${settings[@]}" SMILEYBOT_DATABASE=/data/smileybot.db
    chroot --userspec=10001:10001 "$folder/image" /usr/bin/smileybot)
  bash packaging/image.sh "$1" "$folder/image"
  same "the version in the image" "$("${inside[@]}" --version)" "smileybot v0.0.1"
  "${inside[@]}" demo --once 1 >/dev/null
  ! "${inside[@]}" health 2>/dev/null || fail "health succeeds without a bot"
  "${inside[@]}" serve 2>"$folder/log" &
  bot=$!
  healthy "${inside[@]}"
  rate "$1"
  stop
  same "the database in the image" "$(stat -c '%u:%g' "$folder/image/data/smileybot.db")" 10001:10001
}

part() {
  local began=$SECONDS
  "$@"
  echo "   $1: $((SECONDS - began)) s"
}
part two_builds
part programs
bash "$folder/a/packaging/release.sh" v0.0.1 "$arch" >/dev/null
debian=$(dpkg --print-architecture)
part deb "$folder/first/smileybot_0.0.1~rc.1-1_$debian.deb" "$folder/a/dist/smileybot_0.0.1-1_$debian.deb"
part rpm_files "$folder"/a/dist/*.deb "$folder"/a/dist/*.rpm
part image "$folder/a/dist/smileybot_0.0.1_linux_$arch"
