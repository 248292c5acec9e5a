// The script by which the manager records start and end of an attempt, and how its records are read.
//
// It runs while we may be dead, so the records are the truth about an attempt. Builtins of `sh` only: nothing is forked in
// the attempt's own group. A record without its last line `end` is not whole yet.

import type { KernelCounters } from '../../core/run/kernel-counters.ts';
import type { Enforcement } from '../../ports/execution-host.ts';

/** Files of the group that prove what the attempt used and what it ran into. */
const GROUP_FILES = ['memory.peak', 'memory.events', 'cpu.stat', 'pids.events'] as const;
/** A group has the file NAME.max where this controller holds limits of it. */
const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;

/**
 * The script, for a cgroup v2 tree mounted at `mount`: `sh SCRIPT group|start|exit RECORD [PID]`, with the variables that a service
 * manager sets. `group` makes a death by memory that of the whole group; the others write the record. The group is its own, or PID's.
 */
export function recorderText(mount: string): string {
  return `# Written by Dark Factory; run by the service manager when an attempt starts and when it has ended.
umask 077
group=
while IFS= read -r line; do case $line in 0::*) group='${mount.replaceAll("'", `'\\''`)}'\${line#0::} ;; esac; done <"/proc/\${3:-self}/cgroup"
if [ "$1" = group ]; then
  echo 1 2>/dev/null >"$group/memory.oom.group"
  exit
fi
each() { [ ! -r "$2" ] || while IFS= read -r line; do echo "$1 $line"; done <"$2"; }
{
  each boot /proc/sys/kernel/random/boot_id
  each uptime /proc/uptime
  echo "group $group"
  holds=
  for one in ${CONTROLLERS.join(' ')}; do [ ! -e "$group/$one.max" ] || holds="$holds $one"; done
  echo "holds$holds"
  if [ "$1" = start ]; then
    echo "pid $MAINPID"
    each stat "/proc/$MAINPID/stat"
  else
    echo "result $SERVICE_RESULT"
    echo "code $EXIT_CODE"
    echo "status $EXIT_STATUS"
    for file in ${GROUP_FILES.join(' ')}; do each "$file" "$group/$file"; done
  fi
  above=\${group%/*} level=1
  while [ -r "$above/memory.events.local" ]; do
    each "shared$level" "$above/memory.events.local"
    above=\${above%/*} level=$((level + 1))
  done
  echo end
} >"$2" 2>/dev/null
`;
}

/** How limits are held in a unit whose group has these controllers. */
export function heldBy(controllers: ReadonlySet<string>): Enforcement {
  const held = (name: (typeof CONTROLLERS)[number]) => (controllers.has(name) ? 'kernel' : 'none');
  return { memory: held('memory'), cpu: 'counted', pids: held('pids'), cpuQuota: held('cpu'), tree: 'cgroup' };
}

/** Lines of a record by their first word. */
type Fields = ReadonlyMap<string, readonly string[]>;

/** A start as the manager recorded it. `startTicks` 0: the process was gone before it could be looked at. */
export interface StartRecord {
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
  /** Milliseconds since boot when it was recorded. */
  readonly uptimeMs: number;
  /** Folder of the unit's cgroup. */
  readonly group: string;
  /** What held its limits; null: a recorder of an older version did not say. */
  readonly held: Enforcement | null;
  /** How often memory had run out below the limit of each group above, the nearest first. */
  readonly oomsAbove: readonly number[];
}

/** An end as the manager recorded it. */
export interface ExitRecord {
  readonly bootId: string;
  readonly uptimeMs: number;
  /** The manager's word: success, exit-code, signal, core-dump, oom-kill, timeout … */
  readonly result: string;
  readonly code: number | null;
  /** `SIGKILL`; real-time signals as the manager names them: `RTMIN+28`. */
  readonly signal: string | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly kernel: Omit<KernelCounters, 'sharedLimitHits' | 'sharedLimit'> | null;
  /** As at the start. */
  readonly held: Enforcement | null;
  readonly oomsAbove: readonly number[];
}

/** The start in `text`; null: the record is not whole. */
export function parseStart(text: string): StartRecord | null {
  const fields = fieldsOf(text);
  if (fields === null) {
    return null;
  }
  // The second field is the program's name in parentheses and may hold anything; field 22 is counted from behind it.
  const behindName = first(fields, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return {
    bootId: first(fields, 'boot'),
    pid: Number(first(fields, 'pid')),
    startTicks: Number(behindName[19] ?? 0),
    uptimeMs: uptimeOf(fields),
    group: first(fields, 'group'),
    held: heldIn(fields),
    oomsAbove: oomsAbove(fields),
  };
}

/** The end in `text`; null: the record is not whole. */
export function parseExit(text: string): ExitRecord | null {
  const fields = fieldsOf(text);
  if (fields === null) {
    return null;
  }
  const exited = first(fields, 'code') === 'exited';
  const status = first(fields, 'status');
  const cpuUs = counter(fields, 'cpu.stat', 'usage_usec');
  const peak = first(fields, 'memory.peak');
  const oomKills = counter(fields, 'memory.events', 'oom_kill');
  return {
    bootId: first(fields, 'boot'),
    uptimeMs: uptimeOf(fields),
    result: first(fields, 'result'),
    code: exited && status !== '' ? Number(status) : null,
    signal: exited || status === '' ? null : status.startsWith('RT') ? status : `SIG${status}`,
    cpuMs: cpuUs === null ? null : Math.round(cpuUs / 1000),
    peakMemoryBytes: peak === '' ? null : Number(peak),
    kernel:
      oomKills === null
        ? null
        : {
            oomKills,
            ownLimitHits: counter(fields, 'memory.events', 'oom') ?? 0,
            pidsRefused: counter(fields, 'pids.events', 'max') ?? 0,
            atLimit: counter(fields, 'memory.events', 'max') ?? 0,
            throttledMs: Math.round((counter(fields, 'cpu.stat', 'throttled_usec') ?? 0) / 1000),
          },
    held: heldIn(fields),
    oomsAbove: oomsAbove(fields),
  };
}

function fieldsOf(text: string): Fields | null {
  const lines = text.split('\n');
  if (lines.at(-2) !== 'end') {
    return null;
  }
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    fields.set(name, [...(fields.get(name) ?? []), rest]);
  }
  return fields;
}

function heldIn(fields: Fields): Enforcement | null {
  const names = fields.get('holds')?.[0]?.split(' ');
  return names === undefined ? null : heldBy(new Set(names));
}

/** A recorder of an older version looked at the nearest group alone, and gave it no number. */
function oomsAbove(fields: Fields): readonly number[] {
  const ooms: number[] = [];
  for (let name = fields.has('shared') ? 'shared' : 'shared1'; fields.has(name); name = `shared${ooms.length + 1}`) {
    ooms.push(counter(fields, name, 'oom') ?? 0);
  }
  return ooms;
}

function first(fields: Fields, name: string): string {
  return fields.get(name)?.[0] ?? '';
}

function counter(fields: Fields, file: string, name: string): number | null {
  const line = fields.get(file)?.find((each) => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

function uptimeOf(fields: Fields): number {
  return Math.round(Number(first(fields, 'uptime').split(' ')[0] ?? 0) * 1000);
}
