// A fleet in which everything that can start a run is under way at once, so that a pause can fall into the middle of it.

/** The project that a test pauses. */
export const HELD = 'held';
/** A project whose breaker opens at once, and whose probe waits for its flag to go. */
export const TRYING = 'trying';

/** Everything that can ask for a run of `HELD`; `meta` of `TRYING` fails while `broken` exists, and `other` is left alone. */
export const STORM = `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"
max_concurrent_agents = 100

[[projects]]
id = "${HELD}"
working_dir = "."

[[projects]]
id = "${TRYING}"
working_dir = "."
[projects.breaker]
agents = ["meta"]
threshold = 1
probe_after = "1h"

[[projects]]
id = "other"
working_dir = "."
${[
  { name: 'slot', keys: 'schedule = "* * * * * *"', task: 'true', layer: 'Core' },
  { name: 'safety', keys: '', task: 'until [ -e go ]; do sleep 0.02; done', layer: 'Safety' },
  { name: 'event', keys: 'events = ["push"]\noverlap = "allow"', task: 'true', layer: 'Core' },
  { name: 'operator', keys: 'overlap = "allow"', task: 'true' },
  { name: 'retried', keys: 'retry = { max = 20, backoff = "300ms", cap = "300ms" }', task: 'exit 1' },
  {
    name: 'checked',
    keys: 'pre_check = { kind = "shell", script = "until [ -e go ]; do sleep 0.02; done" }',
    task: 'true',
  },
]
  .map((given) => agent(HELD, given))
  .join('')}
${agent(TRYING, { name: 'meta', keys: '', task: '[ ! -e broken ]' })}
${agent('other', { name: 'neighbour', keys: 'overlap = "allow"', task: 'true' })}
`;

function agent(
  project: string,
  given: { readonly name: string; readonly keys: string; readonly task: string; readonly layer?: string },
): string {
  const { name, keys, task, layer = 'Growth' } = given;
  return `
[[agents]]
name = "${name}"
project = "${project}"
layer = "${layer}"
cli_tool = "sh"
task = "${task}"
max_memory_bytes = "64MiB"
${keys}
`;
}
