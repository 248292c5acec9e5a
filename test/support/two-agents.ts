// The small fleet that most tests of the daemon work with: one project, the agent under test, and one more.

/** Names of the two agents. */
export const WORKER = 'web/worker';
export const OTHER = 'web/other';

/** Lines of TOML for each table; nothing, if not given. */
export interface TwoAgents {
  readonly factory?: string;
  /** Default: ten agents at once. */
  readonly project?: string;
  /** Of the agent under test: a scheduled one if it says `schedule`, `sh` unless it names a `cli_tool`. */
  readonly worker?: string;
  /** Of the other, which nothing starts by itself. */
  readonly other?: string;
}

/** An agents.toml with two agents. */
export function twoAgents({
  factory = '',
  project = 'max_concurrent_agents = 10',
  worker = '',
  other = '',
}: TwoAgents): string {
  return `
[factory]
${factory}

[[projects]]
id = "web"
working_dir = "/repo"
${project}

[[agents]]
name = "worker"
project = "web"
layer = "${worker.includes('schedule') ? 'Core' : 'Growth'}"
${worker.includes('cli_tool') ? '' : 'cli_tool = "sh"'}
task = "true"
${worker}

[[agents]]
name = "other"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
${other}
`;
}
