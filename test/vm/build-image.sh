#!/usr/bin/env bash
# Builds a small throw-away Debian system (kernel, initramfs, ext4 root disk) for
# tests that need a real systemd and a real cgroup v2 tree. Nothing is installed
# on the host; run it as root, once, and keep the folder it writes.
#
#   build-image.sh OUTDIR
#
# Needs: mmdebstrap, e2fsprogs, cpio, dpkg, apt (all Debian packages).
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
for tool in mmdebstrap mke2fs cpio dpkg-deb apt-get; do
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

# 1. Kernel and busybox: unpacked from their packages, never installed on the host.
meta=linux-image-cloud-amd64
image=$(apt-cache depends "$meta" | awk '/Depends: linux-image-/ {print $2; exit}')
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$image" busybox-static >/dev/null)
dpkg-deb -x "$work/$image"_*.deb "$work/kernel"
dpkg-deb -x "$work"/busybox-static_*.deb "$work/busybox"
release=$(basename "$work"/kernel/boot/vmlinuz-* | sed 's/^vmlinuz-//')
cp "$work/kernel/boot/vmlinuz-$release" "$out/vmlinuz"

# 2. Root file system.
mmdebstrap --quiet --variant=minbase --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  "$suite" "$root" "${sources[@]}"
mkdir -p "$root/lib/modules"
cp -a "$work/kernel/lib/modules/$release" "$root/lib/modules/"
chroot "$root" depmod "$release"
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
# Nothing may wait for a network, a clock, hardware or a login: under software
# emulation each of these costs a second or more of boot time.
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

# 3. The guest's side of run.sh: mount the input disk, run the command in
#    a service with a delegated cgroup, report its exit status, power off.
install -d "$root/usr/local/lib/vm"
cat >"$root/usr/local/lib/vm/run" <<'GUEST'
#!/bin/bash
disk() { local d; for d in /sys/block/vd*; do
  [ "$(cat "$d/serial")" = "$1" ] && echo "/dev/${d##*/}"; done; }
port() { local p; for p in /sys/class/virtio-ports/*; do
  [ "$(cat "$p/name")" = "$1" ] && echo "/dev/${p##*/}"; done; }
exec 3>"$(port ctl)" >"$(port out)" 2>&1 </dev/null
read -r up _ </proc/uptime
echo "ready $up" >&3
mkdir -p /test /out
mount -o noatime "$(disk input)" /test || exit
cd /test || exit
export HOME=/root OUT=/out PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
bash /test/.vm-command
status=$?
tar -cf "$(disk output)" -C /out . || status=125
sync
echo "exit $status" >&3
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

# 4. Initramfs: load the disk and port drivers, mount the disk, start systemd.
init=$work/initramfs
install -d "$init/bin" "$init/modules" "$init/dev" "$init/proc" "$init/root"
cp "$work/busybox/bin/busybox" "$init/bin/busybox"
modules='virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk virtio_console virtio-rng'
for module in $modules; do
  file=$(find "$work/kernel/lib/modules/$release" -name "$module.ko" -print -quit)
  [ -z "$file" ] || cp "$file" "$init/modules/"
done
cat >"$init/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t devtmpfs dev /dev
for m in $modules; do [ -e /modules/\$m.ko ] && \$b insmod /modules/\$m.ko; done
n=0; while [ ! -b /dev/vda ] && [ \$n -lt 100 ]; do \$b usleep 50000; n=\$((n + 1)); done
\$b mount -t ext4 -o rw,noatime /dev/vda /root || \$b poweroff -f
\$b umount /dev
exec \$b switch_root /root /lib/systemd/systemd
INIT
chmod 755 "$init/init"
(cd "$init" && find . | cpio --quiet -o -H newc --owner=0:0 | gzip -1) >"$out/initramfs"

# 5. Root disk.
rm -f "$out/root.img"
truncate -s "$size" "$out/root.img"
mke2fs -q -t ext4 -L root -m 0 -E lazy_itable_init=1 \
  -d "$root" "$out/root.img"
echo "built $out: $(du -h --apparent-size "$out/vmlinuz" | cut -f1) kernel $release," \
  "$(du -h "$out/root.img" | cut -f1) root disk"
