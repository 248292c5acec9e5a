#!/bin/sh
# Makes the machine as an operator's is before anything of ours is installed: an unprivileged user with a service manager of its own.
set -eu
useradd --system --create-home --home-dir /var/lib/adf-agent --shell /usr/sbin/nologin adf-agent 2>/dev/null || :
loginctl enable-linger tester
