// What `adf init` writes: it fits the folder, passes `adf check`, and its agent does something true.

import { mkdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { initText, inspectFolder } from '../../src/config/init-text.ts';
import { fleetOf, loadText } from '../support/load-config.ts';
import { TempRepo } from '../support/temp-repo.ts';

describe('inspectFolder', () => {
  it.each([
    ['my repo', 'my-repo'],
    ['.dotfiles', 'dotfiles'],
    ['äöü', 'here'],
    ['x'.repeat(100), 'x'.repeat(64)],
    ['-a.b_c', 'a.b_c'],
  ])('calls the project of %j %j', (name, project) => {
    using repo = new TempRepo();
    mkdirSync(join(repo.path, name));

    expect(inspectFolder(join(repo.path, name))).toEqual({ project, isGit: false, test: null });
  });

  it.each([
    ['package.json', '{ "scripts": { "test": "vitest" } }', ['npm', 'test']],
    ['package.json', '{ "scripts": {} }', null],
    ['package.json', 'not JSON', null],
    ['package.json', 'null', null],
    ['Cargo.toml', '', ['cargo', 'test']],
    ['go.mod', '', ['go', 'test', './...']],
    ['pyproject.toml', '', ['python3', '-m', 'pytest']],
    ['Makefile', '', ['make', 'test']],
  ])('reads from %s %j how tests are run: %j', (file, content, test) => {
    using repo = new TempRepo();
    repo.write(file, content);

    expect(inspectFolder(repo.path)).toMatchObject({ isGit: true, test });
  });
});

describe('initText', () => {
  const facts = [
    { project: 'web', isGit: true, test: ['go', 'test', './...'] as const },
    { project: 'web', isGit: false, test: null },
  ];

  it.each(facts)('passes the check without a warning: %j', (one) => {
    expect(
      loadText(initText({ ...one, test: one.test === null ? null : [...one.test] }), { path: '/agents.toml' }),
    ).toMatchObject({
      kind: 'ok',
      warnings: [],
    });
  });

  it('passes the check with the coding agent switched on', () => {
    const [before = '', after = ''] = initText({ project: 'web', isGit: true, test: null }).split('# [[agents]]\n');
    const text = `${before}[[agents]]\n${after.replaceAll(/^# /gm, '')}`;

    expect(fleetOf(text, { path: '/agents.toml' }).agents.map((agent) => agent.cliTool)).toEqual(['sh', 'claude']);
    expect(loadText(text, { path: '/agents.toml' }).warnings).toEqual([]);
  });

  it('has a steward that tells something true of a repository', () => {
    using repo = new TempRepo();
    repo.commit('Begin');
    const [steward] = fleetOf(initText({ project: 'web', isGit: true, test: null })).agents;

    const end = spawnSync('sh', ['-c', steward?.task ?? ''], { cwd: repo.path, env: repo.env, encoding: 'utf8' });

    expect(end.stdout).toMatch(/^at [0-9a-f]+: Begin \(/);
    expect(end.stdout).toContain('main · ');
    expect(end.stdout).toContain('git fsck: nothing missing');
    expect(end.status).toBe(0);
  });
});
