// The fleets that are measured, as agents.toml.

const FACTORY = (wide: number): string => `[factory]
state_dir = "state"
disk_free_floor = "1MiB"
max_concurrent_agents = ${wide}

[[projects]]
id = "bench"
working_dir = "."
`;

/** One agent that runs /bin/true as often as it is asked. */
export function onDemand(): string {
  return `${FACTORY(64)}
[[agents]]
name = "bench"
project = "bench"
layer = "Growth"
cli_tool = "/bin/true"
overlap = "allow"
max_memory_bytes = "8MiB"
`;
}

/** `count` agents whose next slot is more than an hour away, each with a schedule of its own. */
export function idle(count: number, now: number): string {
  const firstHour = new Date(now).getUTCHours() + 2;
  const agents = Array.from({ length: count }, (_, index) => {
    const hour = (firstHour + (index % 20)) % 24;
    return agent(`idle-${index}`, `${index % 60} ${hour} * * *`, 'true');
  });
  return `${FACTORY(64)}${agents.join('')}`;
}

/** When each of `slots` is due: `count` agents at `at`, or spread from there, ten each second. */
export interface Wave {
  readonly name: string;
  readonly count: number;
  readonly at: number;
  readonly perSecond: number | null;
}

/** Epoch ms of the slot of agent `index` in `wave`. */
export function slotOf(wave: Wave, index: number): number {
  return wave.perSecond === null ? wave.at : wave.at + Math.floor(index / wave.perSecond) * 1000;
}

/** Agents that print when they began and then stay; each has one slot. */
export function waves(all: readonly Wave[]): string {
  const agents = all.flatMap((wave) =>
    Array.from({ length: wave.count }, (_, index) => {
      const at = new Date(slotOf(wave, index));
      const instant = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1];
      return agent(`${wave.name}-${index}`, `${instant.join(' ')} *`, 'date +%s%N; exec sleep 300');
    }),
  );
  return `${FACTORY(1000)}${agents.join('')}`;
}

function agent(name: string, schedule: string, task: string): string {
  return `
[[agents]]
name = "${name}"
project = "bench"
layer = "Core"
schedule = "${schedule}"
timezone = "UTC"
cli_tool = "sh"
task = "${task}"
max_memory_bytes = "8MiB"
`;
}
