// Every key of agents.toml that is accepted without a warning is read by a factory at work, and no key with the warning is.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { INERT_KEYS } from '../../src/config/inert-keys.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { createClient } from '../../src/http/client/client.ts';
import { start } from '../../src/main/start.ts';
import { claudeSaid } from '../support/cli-lines.ts';
import { removeFolder, testFolder } from '../support/factory.ts';
import { FakeHost } from '../support/fake-host.ts';
import { fastClock } from '../support/fast-clock.ts';
import { GiteaDouble } from '../support/gitea-double/double.ts';
import { waitFor } from '../support/keeper-rig.ts';
import { fieldsOf, LEAF_KEYS } from '../support/key-fields.ts';
import { modelServer } from '../support/model-server.ts';
import { trackReads, unreadKeys } from '../support/track-reads.ts';

/** Five minutes, after which the first upkeep comes, in a second and a half. */
const TIMES_FASTER = 200;
const PATIENCE_MS = 25_000;
const TOKEN = '0123456789abcdef0123456789abcdef01234567';

/** Runs that go well take this long. */
const WORKING_MS = 15_000;
/** A signal asks for it. */
const READ_AT_THE_END = 'factory.drain_timeout';
/** Looked up by the rule of an alert; which of the rules come true here is chance. */
const LOOKED_UP = ['autoRemediate.allowed'];
const FIELDS = new Map(LEAF_KEYS.map((key) => [key, /^auto_remediate\.(?!max)/.test(key) ? LOOKED_UP : fieldsOf(key)]));
const ignore = (): void => undefined;

/** Until it is so, or for long enough: what is missing then is told by the last look. */
async function come(isSo: () => boolean): Promise<void> {
  await waitFor(isSo, PATIENCE_MS).catch(ignore);
}

/** One project that fails and comes back, and an agent for each way of being started. */
function agentsToml(gitea: string, model: string, dir: string): string {
  return `
[factory]
state_dir = "${dir}/state"
socket = "${dir}/adf.sock"
disk_free_floor = "1MiB"
drain_timeout = "1s"
persona_dir = "${dir}"
skill_dir = "${dir}"

[breaker]
probe_after = "1m"

[gitea]
url = "${gitea}"
token_file = "${dir}/token"
owner = "factory"
repository = "factory"
assignees = ["factory"]

[ai]
endpoint = "${model}"
model = "explainer"
api_key_file = "${dir}/token"
daily_tokens = 100000

[secrets]
env_file = "${dir}/secrets.env"
files = { NPM_TOKEN = "${dir}/token" }

[[channels]]
name = "ops"
kind = "webhook"
url = "http://127.0.0.1:9/hook"
secret_file = "${dir}/token"

[[channels]]
name = "chat"
kind = "slack"
url_file = "${dir}/hook"

[[budgets]]
scope = "agent"
name = "goes-on"
window = "month"
cents = 100000
tokens = 100000000
runs = 100000
busy = "1000h"

[[prices]]
model = "model"
input = 1
output = 2

[[projects]]
id = "web"
env = { LANG = "C.UTF-8" }
repository = "web"
home = "${dir}/home"
credentials = { anthropic = "${dir}/login" }
[projects.breaker]
agents = ["fails"]
threshold = 3
same_class = { count = 5 }
auto_resume_after = "1h"
pause_stops_running = true

[[agents]]
name = "fails"
project = "web"
layer = "Core"
schedule = "*/10 * * * * *"
cli_tool = "false"

[[agents]]
name = "logs-in"
project = "web"
layer = "Core"
schedule = "*/10 * * * * *"
cli_tool = "claude"
provider = "anthropic"
task = "Look around."

[[agents]]
name = "tries-again"
layer = "Core"
schedule = "* * * * *"
misfire = { policy = "run_once" }
cli_tool = "false"
retry = { max = 1, backoff = "1s" }

[[agents]]
name = "always-on"
layer = "Safety"
replicas = 2
placement = { node = "${hostname()}" }
cli_tool = "true"

[[agents]]
name = "writes"
layer = "Core"
schedule = "*/20 * * * * *"
cli_tool = "claude"
task_file = "${dir}/task.md"
persona = "task"
skill_chain = ["task"]
args = ["--verbose"]
env_pass = ["HOME"]
secrets = ["NPM_TOKEN"]
sandbox = "strict"
allowed_addresses = ["10.0.0.0/8"]
events = ["push"]
allowed_tools = ["Read"]
denied_tools = ["WebFetch"]
max_budget_cents = 100
pre_check = { kind = "shell", script = "true" }
env = { RUST_LOG = "info" }

[[agents]]
name = "goes-on"
layer = "Core"
schedule = "*/20 * * * * *"
cli_tool = "claude"
provider = "main"
model = "overloaded"
fallback_provider = "spare"
fallback_model = "small"
budget_monthly_cents = 1000000
task = "Look around."
retry = { max = 1, backoff = "1s" }

[[agents]]
name = "reviews"
layer = "Core"
schedule = "*/20 * * * * *"
cli_tool = "true"
pre_check = { kind = "git-diff", watch_paths = ["src"] }

[[agents]]
name = "branches"
layer = "Growth"
cli_tool = "true"
workspace = "worktree"
workspace_base = "main"

[[agents]]
name = "answers"
layer = "Core"
schedule = "*/20 * * * * *"
cli_tool = "true"
gitea_issue = 1
pre_check = { kind = "gitea-issue" }
`;
}

it('reads every key that has an effect', { timeout: 60_000 }, async () => {
  const dir = testFolder();
  onTestFinished(() => removeFolder(dir));
  const clock = fastClock(TIMES_FASTER);
  await using gitea = await GiteaDouble.start({ now: () => clock.now() });
  const model = await modelServer();
  onTestFinished(async () => model.close());
  const bot = gitea.world.addUser('factory');
  gitea.world.addToken(bot, TOKEN, ['write:issue', 'write:repository']);
  gitea.world.addRepository(bot, 'web');
  mkdirSync(join(dir, 'state'));
  writeFileSync(join(dir, 'token'), TOKEN, { mode: 0o600 });
  writeFileSync(join(dir, 'hook'), 'http://127.0.0.1:9/chat', { mode: 0o600 });
  writeFileSync(join(dir, 'secrets.env'), `OTHER_TOKEN=${TOKEN}`, { mode: 0o600 });
  writeFileSync(join(dir, 'task.md'), 'Look around.');
  const config = join(dir, 'agents.toml');
  writeFileSync(config, agentsToml(gitea.url, model.endpoint('text'), dir));
  const host = new FakeHost(clock);
  host.script(({ argv }) => {
    // Tokens that are said to cost nothing have the price of the list.
    if (argv.includes('overloaded')) {
      return { endsAfterMs: 1000, code: 1, output: claudeSaid({ session: 's1', status: 429, costUsd: 0 }) };
    }
    return argv.includes('false') ? { endsAfterMs: 0, code: 1 } : { endsAfterMs: WORKING_MS };
  });
  const reads = new Set<string>();
  const seen = (fleet: Fleet): Fleet => trackReads(fleet, reads).fleet;
  const unread = (): readonly string[] => unreadKeys(LEAF_KEYS, reads, (key) => FIELDS.get(key) ?? []);
  const nowhere = { started: ignore, fact: ignore, draining: ignore, stopped: ignore, line: ignore };

  const ended = start({ config, drainOnTerm: false, log: 'text' }, nowhere, { clock, host, seen });
  await come(() => existsSync(join(dir, 'state/pause/web')));
  rmSync(join(dir, 'state/pause/web'));
  const client = createClient(join(dir, 'adf.sock'));
  await client.emit('push', { key: 'push-1' });
  await client.run('branches', { key: 'branches-1' });
  await client.plan();
  await come(() => unread().every((key) => INERT_KEYS.includes(key) || key === READ_AT_THE_END));
  process.emit('SIGINT');
  await ended;

  expect(unread().toSorted()).toEqual(INERT_KEYS.toSorted());
  expect(gitea.violations).toEqual([]);
});
