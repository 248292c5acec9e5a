// Writes a first agents.toml for the folder it stands in, with comments that teach the rest.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** What a first agents.toml should fit. */
export interface FolderFacts {
  /** Id of the project, from the name of the folder. */
  readonly project: string;
  readonly isGit: boolean;
  /** The command that runs the tests here; null: none was recognised. */
  readonly test: readonly [string, ...string[]] | null;
}

/** Files that tell how the tests of a repository are run. */
const TESTS: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ['Cargo.toml', ['cargo', 'test']],
  ['go.mod', ['go', 'test', './...']],
  ['pyproject.toml', ['python3', '-m', 'pytest']],
  ['mix.exs', ['mix', 'test']],
  ['Makefile', ['make', 'test']],
];

/** Looks at `folder`. */
export function inspectFolder(folder: string): FolderFacts {
  const name = basename(resolve(folder)).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const project = name.replace(/^[^A-Za-z0-9]+/, '').slice(0, 64);
  return {
    project: project === '' ? 'here' : project,
    isGit: existsSync(join(folder, '.git')),
    test: testCommand(folder),
  };
}

function testCommand(folder: string): FolderFacts['test'] {
  if (hasNpmTest(join(folder, 'package.json'))) {
    return ['npm', 'test'];
  }
  return TESTS.find(([file]) => existsSync(join(folder, file)))?.[1] ?? null;
}

function hasNpmTest(path: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly scripts?: { readonly test?: unknown };
    } | null;
    return typeof manifest?.scripts?.test === 'string';
  } catch {
    // No package.json, or one that npm could not read either: then npm is not how tests are run here.
    return false;
  }
}

/** The text of agents.toml for `facts`; it passes `adf check` without an error. */
export function initText(facts: FolderFacts): string {
  const { project } = facts;
  return [
    HEAD(project),
    facts.isGit ? STEWARD(project) : HELLO(project),
    ...(facts.test === null ? [] : [TESTS_AGENT(project, facts.test)]),
    CODING_AGENT(project),
  ].join('\n');
}

const HEAD = (project: string): string => `# Dark Factory: the agents that work on ${project}.
# Check this file:      adf check
# Start the factory:    adf start
# What a key means:     adf explain timeout

[factory]
name = "${project}"
# timezone = "Europe/Berlin"     # of all schedules; UTC if not set
# max_concurrent_agents = 4

[[projects]]
id = "${project}"
working_dir = "."
# Three failures in a row of these agents pause the project, until somebody removes the flag (adf resume ${project}).
breaker = { threshold = 3, agents = ["steward"] }
`;

const STEWARD = (
  project: string,
): string => `# Looks after the repository. Any program can be an agent; a shell runs its task as a script.
[[agents]]
name = "steward"
project = "${project}"
layer = "Core"                   # Core: on a schedule or event · Growth: on demand · Safety: always on
schedule = "*/15 * * * *"        # minute hour day month weekday; a sixth field in front counts seconds
jitter = "30s"                   # not everything at the same second
cli_tool = "sh"
task = '''
set -e
git log -1 --format='at %h: %s (%cr)'
echo "branches, oldest first:"
git for-each-ref --count=5 --sort=committerdate --format='  %(refname:short) · %(committerdate:relative)' refs/heads
git fsck --connectivity-only --no-dangling --no-progress
echo "git fsck: nothing missing"
'''
max_memory_bytes = "512MiB"      # of the whole process tree
timeout = "10m"
`;

const HELLO = (project: string): string => `# Any program can be an agent; a shell runs its task as a script.
[[agents]]
name = "steward"
project = "${project}"
layer = "Core"                   # Core: on a schedule or event · Growth: on demand · Safety: always on
schedule = "*/15 * * * *"        # minute hour day month weekday; a sixth field in front counts seconds
jitter = "30s"                   # not everything at the same second
cli_tool = "sh"
task = 'echo "this is $PWD"'
max_memory_bytes = "512MiB"      # of the whole process tree
timeout = "10m"
`;

const TESTS_AGENT = (
  project: string,
  [program, ...args]: readonly [string, ...string[]],
): string => `# On demand: adf run tests --wait
[[agents]]
name = "tests"
project = "${project}"
layer = "Growth"
cli_tool = "${program}"
args = ${JSON.stringify(args)}
timeout = "30m"
`;

const CODING_AGENT = (
  project: string,
): string => `# A coding agent. It spends money: say what it should do, then remove the # signs.
# [[agents]]
# name = "reviewer"
# project = "${project}"
# layer = "Core"
# schedule = "0 6 * * 1-5"
# cli_tool = "claude"
# task = "Review yesterday's commits. Write what should be done into REVIEW.md."
# permission_mode = "acceptEdits"
# pre_check = { kind = "git-diff", watch_paths = ["."] }   # only if something changed since the last run
# max_budget_cents = 100
# timeout = "30m"
# env_pass = ["ANTHROPIC_API_KEY"]                         # nothing else is inherited
`;
