#!/usr/bin/env bash
# Puts the file system of the container image into a folder: bash packaging/image.sh PROGRAM FOLDER
# The Dockerfile and CI call it, so CI runs what the image holds. Needs root.
set -euo pipefail
umask 022

mkdir -p "$2"/{usr/bin,etc/ssl/certs,data,tmp}
cp "$1" "$2/usr/bin/smileybot"
cp /etc/ssl/certs/ca-certificates.crt "$2/etc/ssl/certs/"
echo "smileybot:x:10001:10001::/data:/usr/sbin/nologin" >"$2/etc/passwd"
echo "smileybot:x:10001:" >"$2/etc/group"
chown 10001:10001 "$2/data"
chmod 0700 "$2/data"
chmod 1777 "$2/tmp"
