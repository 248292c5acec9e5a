// The shell scripts that make and tidy up workspaces: they run as the project's user on the execution host, never in the daemon.
//
// Whoever can write a repository decides what git does in it (filters, fsmonitor, hooks), so the daemon runs no git at all.
// Paths and names come as arguments, never as text of the script. One at a time per project: the lock is held by an open
// file, so that it ends with the process, however that ends.

import type { Chore, Workspace } from './workspace.ts';

/** Exit code of a script that did not get what it needs now, and may later (EX_TEMPFAIL). */
export const NOT_NOW = 75;

/** Minutes after which a lock of git that still lies there belongs to nobody: it is held for milliseconds. */
const STALE_LOCK_MINUTES = 10;
/** Longest wait for another workspace of the project. */
const LOCK_WAIT_SECONDS = 300;

const HEAD = `
set -u
umask 077
export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0
home=$1 source=$2 path=$3
fail() { echo "$2" >&2; exit "$1"; }
quiet() { "$@" 2>/dev/null; }
ours() { git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 -c maintenance.auto=false \\
  -c advice.detachedHead=false "$@"; }
common_dir() { cd "$(git rev-parse --git-common-dir)" && pwd -P; }
away() { quiet rm -rf -- "$1" || { quiet chmod -R u+rwX -- "$1"; rm -rf -- "$1"; }; }
# Only our own registration in the repository $1: git's own pruning takes all whose folders are out of our sight.
forget() {
  real=$(readlink -f -- "$path") || return 0
  for entry in "$1"/worktrees/*; do
    at=$(quiet cat "$entry/gitdir") || continue
    case $at in /*) ;; *) at=$entry/$at ;; esac
    [ "$(readlink -f -- "\${at%/.git}")" = "$real" ] && away "$entry"
  done
  quiet rmdir "$1/worktrees"
}
exec 9>>"$home/.lock" || fail 1 "$home cannot be written"
flock -w ${LOCK_WAIT_SECONDS} 9 || fail ${NOT_NOW} "another workspace of this project has been under way for ${LOCK_WAIT_SECONDS} s"
`;

// The branch can only be ours (its name is unique to this run), and nobody has worked in it yet: what is there is half made.
const MAKE_WORKTREE = `${HEAD}
branch=$4 base=$5
cd "$source" || exit 1
top=$(git rev-parse --show-toplevel) || fail 1 "$source is no git repository that this user may use"
[ "$top" = "$(pwd -P)" ] || fail 1 "$source lies inside the repository $top: workspace = \\"worktree\\" needs its top folder"
common=$(common_dir) || exit 1
quiet find "$common/packed-refs.lock" "$common/refs/remotes" "$common/refs/heads/adf" \\
  -name '*.lock' -mmin +${STALE_LOCK_MINUTES} -delete
quiet ours worktree remove --force --force "$path"
away "$path"
forget "$common"
quiet ours branch -q -D "$branch"
if git remote | grep -qx origin; then
  ours fetch -q --no-write-fetch-head origin || fail ${NOT_NOW} 'origin could not be fetched'
  if [ -z "$base" ]; then
    base=$(quiet git symbolic-ref -q --short refs/remotes/origin/HEAD || quiet git rev-parse --abbrev-ref '@{upstream}')
  elif quiet git rev-parse -q --verify "refs/remotes/origin/$base^{commit}" >/dev/null; then
    base=refs/remotes/origin/$base
  fi
fi
commit=$(quiet git rev-parse -q --verify "\${base:=HEAD}^{commit}") || fail 1 "$source has no commit $base"
ours worktree add -q --no-track -b "$branch" "$path" "$commit" || exit 1
echo "made from $base $commit"
`;

// By a name of its own until it is whole. The factory's own files may lie in the folder: they are no part of the work.
const MAKE_COPY = `${HEAD}
skip=$4
away "$path" && away "$path.part" && mkdir "$path.part" || exit 1
cd "$source" || exit 1
find . -mindepth 1 -maxdepth 1 ! -path "$skip" -exec cp -a --reflink=auto -t "$path.part" -- '{}' + || exit 1
mv -- "$path.part" "$path" || exit 1
echo 'made'
`;

const TIDY = `${HEAD}
branch=$4 chore=$5 message=$6
saved=yes
if [ -n "$branch" ] && [ -e "$path/.git" ]; then
  # The run has ended with everything that belonged to it: nobody holds the lock of its index.
  own=$(quiet git -C "$path" rev-parse --absolute-git-dir) && quiet rm -f -- "$own/index.lock"
  ours -C "$path" add -A && {
    quiet ours -C "$path" diff --cached --quiet || ours -C "$path" -c user.name=dark-factory \\
      -c user.email=dark-factory@localhost -c commit.gpgSign=false commit -q --no-verify -m "$message"
  } || saved=no
fi
if [ "$chore" = fold ] && [ $saved = no ]; then fail 1 'what it left could not be committed'; fi
if [ "$chore" != keep ]; then
  [ -n "$branch" ] && quiet ours -C "$source" worktree remove --force --force "$path"
  away "$path" && away "$path.part" || exit 1
  if [ -n "$branch" ] && cd "$source"; then
    common=$(common_dir) && forget "$common"
    # Commits that no other branch has: only they are worth a branch.
    if ! quiet git rev-parse -q --verify "refs/heads/$branch" >/dev/null; then
      echo 'no branch'
    elif new=$(git rev-list --max-count=1 "refs/heads/$branch" --not --exclude="$branch" --branches --remotes HEAD) &&
      [ -z "$new" ] && ours branch -q -D "$branch"; then
      echo 'no branch'
    fi
  fi
fi
if [ -e "$path" ]; then echo "KiB $(du -sk -- "$path" | cut -f 1)"; fi
exit 0
`;

/** Makes the workspace, wiping away what an earlier try left. `base`: a branch or commit; null: the remote's own, else HEAD. */
export function makingArgv(
  workspace: Workspace,
  from: { readonly base: string | null; readonly stateDir: string },
): readonly [string, ...string[]] {
  const { home, source, path, branch } = workspace;
  return workspace.kind === 'worktree'
    ? ['sh', '-c', MAKE_WORKTREE, 'workspace', home, source, path, branch ?? '', from.base ?? '']
    : ['sh', '-c', MAKE_COPY, 'workspace', home, source, path, firstBelow(source, from.stateDir)];
}

/** Carries out `chore`; `message` is that of the commit of what the run left. */
export function tidyingArgv(workspace: Workspace, chore: Chore, message: string): readonly [string, ...string[]] {
  const { home, source, path, branch } = workspace;
  return ['sh', '-c', TIDY, 'workspace', home, source, path, branch ?? '', chore, message];
}

/** What tidying up printed: the room that the folder takes, null when it is gone, and whether its branch went too. */
export function tidied(output: string): { readonly bytes: number | null; readonly branchGone: boolean } {
  const kibibytes = /^KiB (\d{1,12})$/m.exec(output)?.[1];
  return { bytes: kibibytes === undefined ? null : Number(kibibytes) * 1024, branchGone: /^no branch$/m.test(output) };
}

/** The entry of `folder` in which `inner` lies, as `find` prints it; `.` where it does not lie in it. */
function firstBelow(folder: string, inner: string): string {
  return inner.startsWith(`${folder}/`) ? `./${inner.slice(folder.length + 1).split('/')[0]}` : '.';
}
