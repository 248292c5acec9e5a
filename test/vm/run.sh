#!/usr/bin/env bash
# Boots the image that build-image.sh made, runs one command inside it, prints what
# the command prints, and exits with its status (124: timed out, 125: the VM failed).
# Nothing persists: every run starts from the same disk, unless VM_DISK names a file.
#
#   run.sh [--in DIR] [--out DIR] IMAGEDIR COMMAND...
#
#   --in DIR    copied to /test in the VM, where the command starts (root, in a
#               systemd service with Delegate=yes)
#   --out DIR   what the command leaves in /out ($OUT) comes back here
# Environment: VM_MEM (2048, MiB), VM_CPUS (2), VM_TIMEOUT (300, seconds),
#   VM_ACCEL (kvm, tcg; default: kvm where the CPU has it, else tcg),
#   VM_CONSOLE (file that gets the kernel's console), VM_TIMES=1 (print timings),
#   VM_DISK (a disk file to keep from run to run, made from the image if missing:
#   for tests of a restart, or of a power cut: end this script's qemu with SIGKILL),
#   VM_PIDFILE (file that gets qemu's process id), VM_INPUT_SIZE (1G: of the disk at /test)
set -euo pipefail

in='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    --in) in=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) break ;;
  esac
done
image=${1:?usage: run.sh [--in DIR] [--out DIR] IMAGEDIR COMMAND...}
shift
[ $# -gt 0 ] || { echo "run.sh: no command" >&2; exit 125; }

# A /dev/kvm alone is not enough: some hosts have one that cannot run a stock kernel.
accel=${VM_ACCEL:-tcg}
if [ -z "${VM_ACCEL:-}" ] && [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then
  accel=kvm
fi
case $accel in
  kvm) cpu=(-accel kvm -cpu host) ;;
  *) cpu=(-accel tcg,thread=multi,tb-size=512 -cpu max,la57=off) ;;
esac

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

# Input: a disk of its own, made from the folder without being root of anything.
mkdir -p "$work/stage"
[ -z "$in" ] || cp -a "$in/." "$work/stage/"
if [ $# -eq 1 ]; then printf '%s\n' "$1"; else printf '%q ' "$@"; echo; fi >"$work/stage/.vm-command"
truncate -s "${VM_INPUT_SIZE:-1G}" "$work/input"
mke2fs -q -t ext4 -m 0 -E root_owner=0:0,lazy_itable_init=1 -d "$work/stage" "$work/input"
rm -rf "$work/stage"
truncate -s 1G "$work/output"
: >"$work/ctl"
console=${VM_CONSOLE:-$work/console}

disk=$image/root.img keep=snapshot=on
if [ -n "${VM_DISK:-}" ]; then
  [ -e "$VM_DISK" ] || cp --sparse=always "$disk" "$VM_DISK"
  disk=$VM_DISK keep=cache=writeback
fi

drive() { # file serial options
  echo "-drive file=$1,format=raw,if=none,id=$2,$3 -device virtio-blk-pci,drive=$2,serial=$2"
}
# A fifo, not stdio: a port whose host end is at end of file blocks the guest.
mkfifo "$work/out"
cat "$work/out" &
reader=$!
status=0
start=$(date +%s.%N)
# shellcheck disable=SC2046
timeout --kill-after=5 "${VM_TIMEOUT:-300}" qemu-system-x86_64 \
  -machine q35 "${cpu[@]}" -m "${VM_MEM:-2048}" -smp "${VM_CPUS:-2}" \
  -nodefaults -no-user-config -display none -no-reboot \
  -kernel "$image/vmlinuz" -initrd "$image/initramfs" \
  -append "console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off systemd.show_status=no" \
  $(drive "$disk" root "$keep") ${VM_PIDFILE:+-pidfile "$VM_PIDFILE"} \
  $(drive "$work/input" input cache=unsafe) \
  $(drive "$work/output" output cache=unsafe) \
  -serial "file:$console" -device virtio-serial-pci \
  -chardev "file,id=out,path=$work/out" -device virtserialport,chardev=out,name=out \
  -chardev "file,id=ctl,path=$work/ctl" -device virtserialport,chardev=ctl,name=ctl \
  -device virtio-rng-pci </dev/null &
vm=$!
trap 'kill "$vm" 2>/dev/null' INT TERM HUP
wait "$vm" || status=$?
[ "$status" = 0 ] || kill "$reader" 2>/dev/null || true # it never opened the fifo
wait "$reader" || true

result=$(sed -n 's/^exit //p' "$work/ctl")
if [ -n "${VM_TIMES:-}" ]; then
  echo "run.sh: accel $accel, command started $(sed -n 's/^ready //p' "$work/ctl") s after the kernel," \
    "VM ran $(echo "$(date +%s.%N) $start" | awk '{printf "%.1f", $1 - $2}') s" >&2
fi
if [ -z "$result" ]; then
  echo "run.sh: the VM ended without a result (qemu: $status); its console ended with:" >&2
  tail -n 20 "$console" >&2
  if [ "$status" = 124 ]; then exit 124; else exit 125; fi
fi
if [ -n "$out" ]; then
  mkdir -p "$out"
  tar -xf "$work/output" -C "$out"
fi
exit "$result"
