#!/bin/sh
# Forgets the unit. A purge, which only dpkg knows, erases settings, database and user too.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
if [ "$1" = purge ]; then
  rm -rf /etc/smileybot /var/lib/smileybot
  if getent passwd smileybot >/dev/null; then userdel smileybot; fi
  if getent group smileybot >/dev/null; then groupdel smileybot; fi
fi
