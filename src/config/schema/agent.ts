// `[[agents]]`: one agent, that is a program or an agent CLI with its task, its schedule and its limits.

import * as z from 'zod';

import { defaulted, optional, required } from '../key.ts';
import { choice, composite, duration, flag, longText, name, names, path } from '../kinds.ts';
import { percent, size, text, texts, variableNames, variables, whole, words } from '../kinds.ts';
import { agentSandbox } from './sandbox.ts';
import { spendingKeys } from './spending.ts';
import { workspaceKeys } from './workspace.ts';

const preCheckSchema = z.strictObject({
  kind: required(choice(['always', 'git-diff', 'gitea-issue', 'shell']), {
    means: 'What is asked.',
    example: '"git-diff"',
  }),
  watch_paths: optional(texts('expands'), {
    means: 'git-diff: start only if something under these paths changed since the last run.',
    example: '["src", "package.json"]',
  }),
  issue_number: optional(whole(1, 1_000_000_000), {
    means: 'gitea-issue: start only if something happened on this issue since the last run that succeeded.',
    default: 'gitea_issue of the agent',
    example: '42',
  }),
  script: optional(longText(), {
    means:
      'shell: exit code 0 starts the run, 1 means that there is nothing to do, anything else that the check is broken.',
    example: '"test -n \\"$(git status --porcelain)\\""',
  }),
  timeout_secs: defaulted(duration({ min: '1s', max: '1h', unit: 'seconds' }), 60, {
    means: 'Longest time of the script.',
    example: '10',
  }),
});

const placementSchema = z.strictObject({
  node: required(name(), { means: 'Host name of the machine.', example: '"build2"' }),
});

const misfireSchema = z.strictObject({
  policy: defaulted(choice(['skip', 'run_once', 'run_all']), 'skip', {
    means: 'What becomes of slots missed by more than late_ok: none, one for all, or each (at most five).',
    example: '"run_once"',
  }),
  late_ok: defaulted(duration({ min: '0s', max: '7d' }), '5m', {
    means: 'A slot that is late by no more than this still runs.',
    example: '"10m"',
  }),
});

const retrySchema = z.strictObject({
  max: required(whole(0, 100), { means: 'How many times a failed run is tried again.', example: '3' }),
  backoff: defaulted(duration({ min: '0s', max: '1d' }), '10s', {
    means: 'Wait before the first retry; it doubles each time.',
    example: '"30s"',
  }),
  cap: defaulted(duration({ min: '0s', max: '7d' }), '5m', { means: 'Longest wait.', example: '"10m"' }),
});

const sessionSchema = z.strictObject({
  max_age: defaulted(duration({ min: '0s', max: '365d' }), '24h', {
    means: 'A retry goes on with a session that began no longer ago than this; "0s" never does.',
    example: '"2h"',
  }),
  max_tokens: defaulted(whole(1, 1_000_000_000), 2_000_000, {
    means: 'And that has used no more tokens than this in all of its runs.',
    example: '500000',
  }),
});

const what = {
  name: required(name(), { means: 'Name of the agent, unique in its project.', example: '"steward"' }),
  project: optional(name(), {
    means: 'Id of the project it works for; an agent without one is stopped by no pause flag but __all__.',
    example: '"web"',
  }),
  layer: required(choice(['Safety', 'Core', 'Growth']), {
    means: 'Safety: always on, restarted after every exit. Core: on its schedule or events. Growth: on demand.',
    example: '"Core"',
  }),
  enabled: defaulted(flag(), true, { means: 'false starts nothing.', example: 'false' }),
  replicas: defaulted(whole(1, 100), 1, {
    means: 'How many runs of a Safety agent are kept alive.',
    example: '2',
  }),
  placement: optional(composite(placementSchema, 'a table such as { node = "build2" }'), {
    means: 'A Safety agent is kept alive on this machine only.',
    default: 'wherever this file is in force',
    example: '{ node = "build2" }',
  }),
  cli_tool: required(text('expands'), {
    means: 'The agent CLI (a driver name such as "claude"), or any program: a name on PATH, or a path.',
    example: '"claude"',
  }),
  args: defaulted(words(), [], {
    means: 'Arguments of the program; {task}, {task_file} and {model} stand for these.',
    example: '["--verbose"]',
  }),
  task: optional(longText(), {
    means: 'The prompt of an agent CLI; the script of a shell; the standard input of other programs.',
    example: '"Fix one failing test."',
  }),
  task_file: optional(path('literal'), {
    means:
      'File that holds the task; read anew for each run. A Safety agent is started anew when adf reload finds another task in it.',
    example: '"tasks/review.md"',
  }),
  working_dir: optional(path(), {
    means: 'Folder in which it runs.',
    default: "the project's, else the folder of this file",
    example: '"/srv/web/api"',
  }),
  env: defaulted(
    variables(),
    {},
    {
      means: "Environment variables, laid over the project's.",
      example: '{ RUST_LOG = "info" }',
    },
  ),
  env_pass: defaulted(variableNames(), [], {
    means:
      "Variables taken from the daemon's own environment; nothing else is inherited but PATH, HOME, USER, LANG and the like.",
    example: '["HTTPS_PROXY"]',
  }),
  secrets: defaulted(variableNames(), [], {
    means: 'Variables of [secrets] that it is given; no agent gets one that it does not name.',
    example: '["NPM_TOKEN"]',
  }),
  ...workspaceKeys,
};

const when = {
  schedule: optional(text(), {
    means: 'When it runs: five cron fields (minute hour day month weekday), or six with seconds first.',
    example: '"*/15 * * * *"',
  }),
  timezone: optional(text(), {
    means: 'IANA time zone of the schedule.',
    default: "the factory's",
    example: '"America/New_York"',
  }),
  jitter: defaulted(duration({ min: '0s', max: '1d' }), '0s', {
    means: 'Each slot is moved by up to this much, always the same for one agent.',
    example: '"30s"',
  }),
  misfire: optional(
    composite(
      z.union([z.enum(['skip', 'run_once', 'run_all']), misfireSchema]),
      '"skip", "run_once", "run_all", or a table such as { policy = "run_once", late_ok = "5m" }',
    ),
    {
      means: 'What becomes of slots missed while the factory was down.',
      default: '{ policy = "skip", late_ok = "5m" }',
      example: '{ policy = "run_once", late_ok = "10m" }',
    },
  ),
  overlap: defaulted(choice(['skip', 'queue', 'replace', 'allow']), 'skip', {
    means: 'What happens at a slot while the last run still goes on.',
    example: '"queue"',
  }),
  decay: defaulted(flag(), true, {
    means:
      'A scheduled agent CLI whose last three runs changed nothing gets its slots further apart (2 to 16 times) until a run changes something, or its task, its working_dir or its entry here is another one.',
    example: 'false',
  }),
  events: defaulted(names(), [], { means: 'Names of events that start it (adf emit).', example: '["push"]' }),
  event_only: defaulted(flag(), false, { means: 'Only events start it, not its schedule.', example: 'true' }),
  pre_check: optional(
    composite(
      z.union([z.enum(['always']), preCheckSchema]),
      '"always", { kind = "git-diff", watch_paths = ["src"] }, { kind = "gitea-issue", issue_number = 42 } or { kind = "shell", script = "…" }',
    ),
    {
      means: 'Asked before each run: is there anything to do?',
      default: '"always"',
      example: '{ kind = "git-diff", watch_paths = ["src"] }',
    },
  ),
  priority: defaulted(whole(-100, 100), 0, {
    means: 'Who goes first when many wait; higher is sooner.',
    example: '10',
  }),
  retry: optional(composite(retrySchema, 'a table such as { max = 3, backoff = "10s", cap = "5m" }'), {
    means: 'Try failed runs again. Without it only provider trouble is retried, by the rules of its class.',
    example: '{ max = 3, backoff = "10s", cap = "5m" }',
  }),
  session: optional(composite(sessionSchema, 'a table such as { max_age = "24h", max_tokens = 2000000 }'), {
    means: "The agent CLI's session that a retry may go on with; a poisoned one never.",
    default: '{ max_age = "24h", max_tokens = 2000000 }',
    example: '{ max_age = "2h", max_tokens = 500000 }',
  }),
};

const limits = {
  max_memory_bytes: optional(size({ min: '1MiB', max: '1024TiB', unit: 'bytes' }), {
    means: 'Memory of the whole process tree; a run over it is killed.',
    default: 'the smaller of "4GiB" and a quarter of the memory',
    example: '"2GiB"',
  }),
  memory_high: optional(size({ min: '1MiB', max: '1024TiB' }), {
    means:
      'Memory above which the kernel slows a run down to take some back; one that stands there for a minute is stopped, as out of memory. Only where the kernel holds memory.',
    default: 'no mark: a run is ended at max_memory_bytes, and never slowed down before',
    example: '"1GiB"',
  }),
  max_cpu_seconds: optional(duration({ min: '1s', max: '365d', unit: 'seconds' }), {
    means:
      'Processor time of the whole process tree. No kernel ends a tree for it: the kernel counts, and the run is stopped within a tenth of a second of each processor, which `enforcement = "kernel"` accepts.',
    default: 'no limit',
    example: '600',
  }),
  cpu_quota: optional(percent(), {
    means: 'Share of processor time it may use at once; 100% is one processor.',
    default: 'no limit',
    example: '"150%"',
  }),
  max_pids: optional(whole(1, 4_194_304), {
    means: 'How many processes and threads it may have.',
    default: 'no limit',
    example: '512',
  }),
  max_output: defaulted(size({ min: '64KiB', max: '1TiB' }), '64MiB', {
    means: 'Output kept on disk; the middle is cut out above it.',
    example: '"8MiB"',
  }),
  max_output_rate: defaulted(size({ min: '64KiB', max: '1TiB' }), '50MB', {
    means: 'Output per second; a run that writes more for two seconds is stopped.',
    example: '"10MB"',
  }),
  timeout: optional(duration({ min: '100ms', max: '365d' }), {
    means: 'Longest time of a run by the clock.',
    default: '"2h"; no limit for Safety agents',
    example: '"30m"',
  }),
  stall_timeout: optional(duration({ min: '1s', max: '30d' }), {
    means: 'Longest silence of a run, whatever its processes do.',
    default:
      'by driver: 10 minutes for agent CLIs (2 hours while a tool runs or its processes compute), none for programs',
    example: '"20m"',
  }),
  grace_period_secs: defaulted(duration({ min: '5s', max: '300s', unit: 'seconds' }), 10, {
    means: 'Time from the first signal to the kill of the whole tree.',
    example: '30',
  }),
  enforcement: optional(choice(['any', 'kernel']), {
    means: '"kernel" refuses runs whose limits the kernel cannot hold.',
    default: "the factory's",
    example: '"kernel"',
  }),
};

const model = {
  model: optional(text('expands'), { means: 'Model that the agent CLI should use.', example: '"sonnet"' }),
  provider: optional(text('expands'), {
    means: 'Account of the model that runs are charged to; agents of one account are held together when it fails.',
    default: 'the name of the agent CLI; none for programs',
    example: '"anthropic"',
  }),
  fallback_provider: optional(text('expands'), { means: 'Provider to use when the first fails.', example: '"openai"' }),
  fallback_model: optional(text('expands'), { means: 'Model to use when the first fails.', example: '"haiku"' }),
  permission_mode: optional(text(), {
    means: "The agent CLI's own permission mode.",
    default: "the CLI's",
    example: '"acceptEdits"',
  }),
  allowed_tools: defaulted(texts(), [], { means: 'Tools that the agent CLI may use unasked.', example: '["Read"]' }),
  denied_tools: defaulted(texts(), [], { means: 'Tools that the agent CLI may not use.', example: '["WebFetch"]' }),
  max_turns: optional(whole(1, 100_000), { means: 'Longest conversation with the model.', example: '50' }),
  ...spendingKeys,
};

const character = {
  capabilities: defaulted(texts(), [], { means: 'What it is good at.', example: '["code-review"]' }),
  persona: optional(text(), {
    means: 'Who the agent is: the file of this name in persona_dir, told to an agent CLI before its task.',
    example: '"Ferrox"',
  }),
  terraphim_role: optional(text(), { means: 'Role for knowledge-graph look-ups.', example: '"Rust Engineer"' }),
  skill_chain: defaulted(texts(), [], {
    means: 'Files of skill_dir that an agent CLI is told before its task, in this order.',
    example: '["review", "test"]',
  }),
  sfia_skills: defaulted(texts(), [], { means: 'Skills by the SFIA framework.', example: '["PROG"]' }),
  gitea_issue: optional(whole(1, 1_000_000_000), {
    means: 'Number of the issue that what a run brings is posted to, as one comment per run; needs [gitea].',
    example: '42',
  }),
  evolution_enabled: defaulted(flag(), false, { means: 'Learn from earlier runs.', example: 'true' }),
  rlm_enabled: optional(flag(), { means: 'Recursive language model mode.', example: 'true' }),
  bypass_kg_routing: defaulted(flag(), false, { means: 'Do not route by knowledge graph.', example: 'true' }),
};

/** One entry of `[[agents]]`. */
export const agentSchema = z.strictObject({ ...what, ...when, ...limits, ...agentSandbox, ...model, ...character });

/** One agent after its checks. */
export type AgentInput = z.output<typeof agentSchema>;
