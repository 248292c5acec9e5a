#!/usr/bin/env bash
# Builds a small throw-away Debian system (a Linux that runs as a process, ext4 root
# disk) for tests that need a real systemd and a real cgroup v2 tree. Nothing is
# installed on the host; run it as root, once, and keep the folder it writes.
#
#   build-image.sh OUTDIR
#
# Needs: mmdebstrap, e2fsprogs, gcc, dpkg, apt (all Debian packages).
# Environment:
#   VM_SUITE      Debian suite            (default: the host's VERSION_CODENAME)
#   VM_PACKAGES   extra packages, comma separated       (default: none)
#   VM_NODE       node binary to copy in  (default: the one on PATH; 'none' = skip)
#   VM_DISK_SIZE  size of the root disk, sparse         (default: 3G)
#   VM_APT_SOURCES  sources file(s) to build from, space separated
#                 (default: what the host's apt uses)
set -euo pipefail

out=${1:?usage: build-image.sh OUTDIR}
suite=${VM_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
node=${VM_NODE:-$(command -v node || echo none)}
size=${VM_DISK_SIZE:-3G}
packages=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,kmod,libstdc++6,procps,util-linux,iproute2,bubblewrap,git
packages=$packages${VM_PACKAGES:+,$VM_PACKAGES}

[ "$(id -u)" = 0 ] || { echo "build-image.sh: run it as root" >&2; exit 1; }
for tool in mmdebstrap mke2fs gcc dpkg-deb apt-get; do
  command -v "$tool" >/dev/null || { echo "build-image.sh: $tool is missing" >&2; exit 1; }
done

if [ -n "${VM_APT_SOURCES:-}" ]; then
  read -ra sources <<<"$VM_APT_SOURCES"
else
  shopt -s nullglob
  sources=()
  [ -s /etc/apt/sources.list ] && sources+=(/etc/apt/sources.list)
  sources+=(/etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list)
fi

mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

# 1. Kernel: user-mode Linux, unpacked from its package, never installed on the host, and what it needs on new processors.
apt-cache show user-mode-linux >/dev/null 2>&1 || apt-get -q update
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download user-mode-linux >/dev/null)
dpkg-deb -x "$work"/user-mode-linux_*.deb "$work/kernel"
install -m 755 "$work/kernel/usr/bin/linux.uml" "$out/linux"
gcc -O2 -Wall -Wextra -Werror -shared -fPIC -nostdlib -o "$out/xstate.so" "${BASH_SOURCE%/*}/xstate.c"

# 2. Root file system.
mmdebstrap --quiet --variant=minbase --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  "$suite" "$root" "${sources[@]}"
if [ "$node" != none ]; then
  install -m 755 "$(readlink -f "$node")" "$root/usr/local/bin/node"
  chroot "$root" /usr/local/bin/node --version >"$out/node-version"
fi
echo test-vm >"$root/etc/hostname"
printf '127.0.0.1 localhost test-vm\n::1 localhost\n' >"$root/etc/hosts"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
chroot "$root" passwd -d root >/dev/null
# An unprivileged user for tests that must not run as root.
chroot "$root" useradd --create-home --shell /bin/bash tester
# Nothing may wait for a network, a clock, hardware or a login.
chroot "$root" systemctl -q mask \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
  e2scrub_all.timer e2scrub_reap.service getty@.service serial-getty@.service \
  systemd-firstboot.service systemd-networkd-wait-online.service \
  systemd-modules-load.service modprobe@.service \
  systemd-random-seed.service systemd-sysusers.service systemd-update-utmp.service \
  systemd-update-utmp-runlevel.service \
  systemd-journal-flush.service kmod-static-nodes.service \
  systemd-tmpfiles-setup-dev.service systemd-tmpfiles-clean.timer \
  dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-kernel-config.mount sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount
install -d "$root/etc/systemd/system-generators"
for generator in "$root"/lib/systemd/system-generators/*; do
  ln -s /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
done

# 3. The guest's side of run.sh: mount the two folders, run the command in a
#    service with a delegated cgroup, leave its exit status, power off.
install -d "$root/usr/local/lib/vm"
cat >"$root/usr/local/lib/vm/run" <<'GUEST'
#!/bin/bash
folder() { sed -n "s/.*\bvm_$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
stty -F /dev/ttyS0 raw -echo
exec >/dev/ttyS0 2>&1 </dev/null
mkdir -p /test /out
mount -t hostfs -o "$(folder in)" none /test && mount -t hostfs -o "$(folder out)" none /out || exit
cd /test || exit
export HOME=/root OUT=/out PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
bash /out/.command
status=$?
sync
echo "$status" >/out/.status
GUEST
chmod 755 "$root/usr/local/lib/vm/run"
cat >"$root/etc/systemd/system/vm-run.service" <<'UNIT'
[Unit]
Description=Run the host's command, then power off
After=basic.target dbus.service
Wants=dbus.service
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
Type=exec
ExecStart=/usr/local/lib/vm/run
Delegate=yes
OOMPolicy=continue

[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl -q enable vm-run.service
chroot "$root" systemctl -q set-default multi-user.target

# 4. Root disk.
rm -f "$out/root.img"
truncate -s "$size" "$out/root.img"
mke2fs -q -t ext4 -L root -m 0 -E lazy_itable_init=1 \
  -d "$root" "$out/root.img"
echo "built $out: $("$out/linux" --version), $(du -h "$out/root.img" | cut -f1) root disk"
