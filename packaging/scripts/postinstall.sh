#!/bin/sh
# Restarts a running service with the new program. A first installation starts nothing: the
# settings come first.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart smileybot.service
fi
