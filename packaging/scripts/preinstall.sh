#!/bin/sh
# Makes the user that the service runs as, before files are given to its group.
set -e
getent group smileybot >/dev/null || groupadd --system smileybot
getent passwd smileybot >/dev/null || useradd --system --gid smileybot --no-create-home \
  --home-dir /var/lib/smileybot --shell /usr/sbin/nologin --comment smileybot smileybot
