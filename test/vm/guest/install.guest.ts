// A fresh machine becomes a build host by one command, and stays one through kills, restarts and an upgrade.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from './unit-rig.ts';

const PROJECTS = ['web', 'api', 'docs'] as const;
const AGENTS_AT_ONCE = 10;
const CONFIG = '/etc/adf/agents.toml';

interface RunRow {
  readonly id: string;
  readonly agent: string;
  readonly state: string;
  readonly outcome: { readonly kind: string; readonly class?: string; readonly reason?: string } | null;
}

function sh(line: string): string {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${line}: exit ${status}\n${stdout}${stderr}`);
  }
  return stdout;
}

function as(user: string, line: string): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('runuser', ['-u', user, '--', 'sh', '-c', line], { encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

function runs(): readonly RunRow[] {
  return JSON.parse(sh('adf runs --json --limit 200')) as readonly RunRow[];
}

function units(): string[] {
  return sh("systemctl list-units --plain --no-legend --full 'adf-*-r*.service'").split('\n').filter(Boolean);
}

function agentEntry(project: string, name: string, rest: string): string {
  return `\n[[agents]]\nname = "${name}"\nproject = "${project}"\nlayer = "Growth"\ncli_tool = "sh"\n${rest}\n`;
}

/** The program as a package would have it, of another version. */
function programOf(version: string): string {
  const root = `/root/program-${version}`;
  mkdirSync(root);
  for (const name of ['src', 'bin', 'migrations', 'node_modules']) {
    cpSync(`/test/${name}`, `${root}/${name}`, { recursive: true, verbatimSymlinks: true });
  }
  const parsed = JSON.parse(readFileSync('/test/package.json', 'utf8')) as Record<string, unknown>;
  writeFileSync(`${root}/package.json`, JSON.stringify({ ...parsed, version }));
  return root;
}

beforeAll(() => {
  const root = programOf('1.0.0');
  const printed = sh(`sh ${root}/bin/adf install --print`);
  expect(existsSync('/opt/dark-factory')).toBe(false);
  sh(`sh ${root}/bin/adf install`);
  for (const [, path, text] of printed.matchAll(/^# file (\S+)[^\n]*\n([\s\S]*?)\n\n(?=#|$)/gm)) {
    expect(readFileSync(path ?? '', 'utf8').trimEnd(), path).toBe(text);
  }
  appendFileSync(CONFIG, 'max_concurrent_agents = 40\n');
  for (const project of PROJECTS) {
    sh(`mkdir -p /srv/${project} && chown adf-agent /srv/${project}`);
    const user = project === 'docs' ? 'user = "tester"\n' : '';
    sh(`chown ${project === 'docs' ? 'tester' : 'adf-agent'} /srv/${project}`);
    appendFileSync(CONFIG, `\n[[projects]]\nid = "${project}"\nworking_dir = "/srv/${project}"\n${user}`);
  }
  const agents = PROJECTS.map((project) => agentEntry(project, 'who', 'task = "id -un; sleep 1"')).join('');
  const sleepers = Array.from({ length: AGENTS_AT_ONCE }, (_, index) =>
    agentEntry(
      'web',
      `long${index}`,
      `overlap = "allow"\ntask = "echo begun; while [ ! -e /srv/web/go ]; do sleep 1; done; echo ended; exit ${index}"`,
    ),
  ).join('');
  const greedy =
    agentEntry('api', 'oom', 'max_memory_bytes = "64MiB"\ntask = "tail /dev/zero"') +
    agentEntry(
      'api',
      'bomb',
      'max_pids = 20\ntask = "bomb() { bomb | bomb & }; i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done; wait"',
    ) +
    agentEntry(
      'api',
      'quota',
      'cpu_quota = "20%"\ntimeout = "6s"\ngrace_period_secs = 0\ntask = "while :; do :; done"',
    ) +
    agentEntry('api', 'cpu', 'max_cpu_seconds = 6\ntask = "burn() { while :; do :; done; }; burn & burn & burn"');
  appendFileSync(CONFIG, `${agents}${sleepers}${greedy}`);
  sh('usermod -aG adf-operators games');
  sh('systemctl start adf');
});

describe('a fresh machine', () => {
  it('runs agents of three projects as their users, in units of their own', async () => {
    for (const project of PROJECTS) {
      sh(`adf run ${project}/who`);
    }
    await waitFor(() => runs().filter((run) => run.agent.endsWith('/who') && run.outcome !== null).length === 3);
    const said = runs()
      .filter((run) => run.agent.endsWith('/who'))
      .map((run) => [run.agent, sh(`adf logs ${run.id}`).trim(), run.outcome?.kind].join(' '));
    expect(said.toSorted()).toEqual([
      'api/who adf-agent succeeded',
      'docs/who tester succeeded',
      'web/who adf-agent succeeded',
    ]);
  });

  it('is installed once: the same again changes nothing', () => {
    expect(sh('adf install')).toMatch(/nothing was changed/);
  });

  it('has units that systemd finds right and secure', () => {
    const verified = spawnSync(
      'systemd-analyze',
      ['verify', 'adf.service', 'adf-deadman.service', 'adf-deadman.timer'],
      { encoding: 'utf8' },
    );
    expect(`${verified.stdout}${verified.stderr}`).toBe('');
    const rated = /exposure level for adf\.service: ([\d.]+)/.exec(
      sh('systemd-analyze security --no-pager adf.service'),
    )?.[1];
    expect(Number(rated)).toBeLessThan(4);
  });

  it('lets operators see and pause without root, and nobody else', () => {
    expect(as('games', 'adf status').code).toBe(0);
    expect(as('games', 'touch /var/lib/adf-pause/web && rm /var/lib/adf-pause/web')).toEqual({ code: 0, said: '' });
    for (const user of ['adf-agent', 'tester']) {
      expect(as(user, 'adf status').code).not.toBe(0);
      expect(as(user, 'touch /var/lib/adf-pause/web').code).not.toBe(0);
      expect(as(user, 'cat /var/lib/adf/ledger.db').code).not.toBe(0);
      expect(as(user, 'systemctl stop adf').code).not.toBe(0);
    }
  });
});

describe('agents beyond their limits', () => {
  const end = async (agent: string): Promise<RunRow['outcome']> => {
    sh(`adf run ${agent}`);
    await waitFor(() => runs().some((run) => run.agent === agent && run.outcome !== null));
    return runs().find((run) => run.agent === agent)?.outcome ?? null;
  };

  it('die alone of their own memory, and it is said so', async () => {
    expect(await end('api/oom')).toMatchObject({
      kind: 'failed',
      class: 'oom',
      reason: 'memory 64 MiB (kernel: own limit, peak 64 MiB)',
    });
  });

  it('cannot fork without end', async () => {
    expect(await end('api/bomb')).toMatchObject({ kind: 'failed', class: 'pids' });
  });

  it('get no more processor than their share', async () => {
    expect(await end('api/quota')).toMatchObject({ kind: 'timed_out', limit: 'wall' });
    const run = runs().find(({ agent }) => agent === 'api/quota');
    const shown = sh(`adf show ${run?.id ?? ''}`);
    const used = Number(/used ([\d.]+) s/.exec(shown)?.[1]);
    // Six seconds at a fifth; starting and recording the unit is in the count, too.
    expect(used).toBeGreaterThan(0.9);
    expect(used).toBeLessThan(2.2);
  });

  it('are stopped when a whole tree has used up its time', async () => {
    expect(await end('api/cpu')).toMatchObject({ kind: 'timed_out', limit: 'cpu' });
  });
});

describe('ten live agents', () => {
  it('outlive a kill, a restart, an upgrade and a reexec of the manager, and every end is true', async () => {
    for (let index = 0; index < AGENTS_AT_ONCE; index += 1) {
      sh(`adf run web/long${index}`);
    }
    await waitFor(() => units().length === AGENTS_AT_ONCE);
    sh('systemctl kill --signal=KILL --kill-whom=main adf');
    await waitFor(() => spawnSync('adf', ['status']).status === 0);
    sh('systemctl restart adf');
    sh(`sh ${programOf('1.1.0')}/bin/adf upgrade`);
    expect(readdirSync('/opt/dark-factory').toSorted()).toEqual(['1.0.0', '1.1.0', 'current', 'deadman.sh']);
    expect(sh('adf --version')).toContain('1.1.0');
    sh('systemctl daemon-reexec');
    expect(units()).toHaveLength(AGENTS_AT_ONCE);
    sh('systemctl stop adf');
    writeFileSync('/srv/web/go', '');
    chmodSync('/srv/web/go', 0o644);
    await waitFor(() => units().length === 0);
    sh('systemctl start adf');
    await waitFor(
      () => runs().filter((run) => run.agent.startsWith('web/long') && run.outcome !== null).length === AGENTS_AT_ONCE,
    );
    const ended = runs().filter((run) => run.agent.startsWith('web/long'));
    expect(ended).toHaveLength(AGENTS_AT_ONCE);
    for (const run of ended) {
      const code = Number(run.agent.slice('web/long'.length));
      const text = code === 0 ? 'succeeded' : 'failed';
      expect([run.agent, run.outcome?.kind]).toEqual([run.agent, text]);
      expect(sh(`adf logs ${run.id}`)).toBe('begun\nended\n');
      expect(sh(`adf show ${run.id}`)).toContain(`exit ${code}`);
    }
  });
});

describe('controllers that are taken away', () => {
  it('end the dispatch, with the limits that cannot be held', () => {
    execFileSync('systemctl', ['set-property', '--runtime', 'adf-agents.slice', 'DisableControllers=memory']);
    try {
      const said = spawnSync('adf', ['run', 'web/who', '--wait'], { encoding: 'utf8' });
      expect(`${said.stdout}${said.stderr}`).toMatch(/enforcement\.unavailable[\s\S]*memory/);
      expect(units()).toEqual([]);
    } finally {
      execFileSync('systemctl', ['set-property', '--runtime', 'adf-agents.slice', 'DisableControllers=']);
    }
  });
});
