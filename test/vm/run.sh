#!/usr/bin/env bash
# Boots the image that build-image.sh made, runs one command inside it, prints what
# the command prints, and exits with its status (124: timed out, 125: the VM failed).
# The kernel is user-mode Linux: a process of its own group, which needs neither
# hardware support nor root; to kill that group is to cut the machine's power.
# Nothing persists: every run starts from the same disk, unless VM_DISK names a file.
#
#   run.sh [--in DIR] [--out DIR] IMAGEDIR COMMAND...
#
#   --in DIR    seen as /test in the VM, where the command starts (root, in a
#               systemd service with Delegate=yes)
#   --out DIR   seen as /out ($OUT): what the command leaves there is there
# Environment: VM_MEM (2048, MiB), VM_TIMEOUT (300, seconds), VM_CONSOLE (file that
#   gets the kernel's console), VM_DISK (a file with what differs from the image's
#   disk, to keep from run to run, made if missing), VM_PIDFILE (file that gets the id
#   of the process group to kill for a power cut)
set -euo pipefail

in='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    --in) in=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) break ;;
  esac
done
image=$(realpath "${1:?usage: run.sh [--in DIR] [--out DIR] IMAGEDIR COMMAND...}")
shift
[ $# -gt 0 ] || { echo "run.sh: no command" >&2; exit 125; }

work=$(mktemp -d)
vm=''
trap '[ -z "$vm" ] || kill -KILL -- "-$vm" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$work/in" "$work/out"
in=$(realpath "${in:-$work/in}")
out=$(realpath "${out:-$work/out}")
rm -f "$out/.status"
if [ $# -eq 1 ]; then printf '%s\n' "$1"; else printf '%q ' "$@"; echo; fi >"$out/.command"
console=${VM_CONSOLE:-$work/console}

# What runs inside is processes of this host, held by one of them. Should that one die first, the others would go on here, on their
# own: so all end at once, with the first of their pid namespace. timeout leads a process group of its own, with that first one.
# The memory of the VM is a file, which has to be in memory, too.
boot() {
  exec env TMPDIR=/dev/shm timeout -s KILL "${VM_TIMEOUT:-300}" unshare --pid --fork --kill-child sh -c '"$@" & wait "$!"' sh "$@"
}
boot env "LD_PRELOAD=$image/xstate.so" "$image/linux" \
  "ubd0=${VM_DISK:-$work/disk},$image/root.img" root=/dev/ubda rw "mem=${VM_MEM:-2048}M" \
  con=null "con0=null,fd:3" "ssl0=null,fd:1" console=tty0 quiet \
  init=/lib/systemd/systemd systemd.show_status=no \
  "uml_dir=$work" "vm_in=$in" "vm_out=$out" </dev/null 3>"$console" 2>&3 &
vm=$!
[ -z "${VM_PIDFILE:-}" ] || echo "$vm" >"$VM_PIDFILE"
status=0
wait "$vm" || status=$?

if [ ! -e "$out/.status" ]; then
  echo "run.sh: the VM ended without a result ($status); its console ended with:" >&2
  tail -n 20 "$console" >&2
  if [ "$status" = 137 ] || [ "$status" = 124 ]; then exit 124; else exit 125; fi
fi
exit "$(cat "$out/.status")"
