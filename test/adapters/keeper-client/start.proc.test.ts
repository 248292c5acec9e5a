// A start gives the program exactly what was asked for, or says why it did not happen.

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Daemon } from '../../support/host-specs.ts';
import { KeeperRig } from '../../support/keeper-rig.ts';

let rig: KeeperRig;
let daemon: Daemon;
beforeAll(async () => {
  rig = new KeeperRig();
  daemon = await rig.daemon();
});
afterAll(() => rig.dispose());

async function printed(
  id: string,
  ...start: Parameters<KeeperRig['spec']> extends [string, ...infer Rest] ? Rest : never
) {
  await daemon.start(rig.spec(id, ...start));
  await daemon.told.exit(id);
  return rig.output(id);
}

describe('the program', () => {
  it('gets its arguments as they are, whatever stands in them', async () => {
    const odd = ['a b', "it's", '$HOME `id` %d', '', '-n', 'line\nbreak', '*', '\\', '"', 'ü'];
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    expect(JSON.parse(await printed('args', [process.execPath, '-e', script, '--', ...odd]))).toEqual(odd);
  });

  it('gets the environment of its start and our two markers, nothing of ours', async () => {
    const env = { PATH: '/usr/bin:/bin', NAME: 'va lue', EMPTY: '', QUOTED: '"$PATH"' };
    const names = (await printed('env', ['env', '-0'], { env })).split('\0').filter(Boolean).sort();
    const expected = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    expect(names.filter((each) => !/^(ADF_ATTEMPT|ADF_STATE|PWD|SHLVL|_)=/.test(each))).toEqual(expected.sort());
    expect(names).toContain('ADF_ATTEMPT=env');
  });

  it('reads its stdin from the file, or from nothing', async () => {
    writeFileSync(rig.path('task'), 'do this');
    expect(await printed('stdin', ['cat'], { stdinPath: rig.path('task') })).toBe('do this');
    expect(await printed('no-stdin', ['cat'])).toBe('');
  });

  it('writes stderr behind stdout, or into a file of its own', async () => {
    expect(await printed('both', ['sh', '-c', 'echo out; echo err >&2'])).toBe('out\nerr\n');
    const apart = await printed('apart', ['sh', '-c', 'echo out; echo err >&2'], { errPath: rig.path('both.out') });
    expect(apart).toBe('out\n');
    expect(rig.output('both')).toBe('out\nerr\nerr\n');
  });

  it('runs in its directory, without core files, and preferred when memory runs out', async () => {
    mkdirSync(rig.path('work'));
    const script = 'pwd; ulimit -c; cat /proc/self/oom_score_adj; ls /proc/self/fd | wc -l';
    const [cwd, core, score, files] = (
      await printed('limits', ['sh', '-c', script], { cwd: rig.path('work'), limits: { cpuMs: 5000 } })
    ).split('\n');
    expect([cwd, core, files?.trim()]).toEqual([rig.path('work'), '0', '4']);
    expect(Number(score)).toBeGreaterThanOrEqual(300);
  });

  it('has a processor limit of the kernel as a second net, at twice its own', async () => {
    expect(await printed('second-net', ['sh', '-c', 'ulimit -t'], { limits: { cpuMs: 5000 } })).toBe('10\n');
    expect(await printed('no-net', ['sh', '-c', 'ulimit -t'])).toBe('unlimited\n');
  });
});

describe('a start that cannot be', () => {
  it.each([
    ['a name that is nowhere on PATH', 'nosuch-program', /nosuch-program on PATH/],
    ['a path that does not exist', '/nonexistent/program', /no executable program/],
    ['a file that cannot be executed', '/etc/passwd', /no executable program/],
    ['a directory', '/etc', /no executable program/],
  ] as const)('is refused for %s', async (what, program, message) => {
    const reply = await daemon.host.start(rig.spec(what.replaceAll(' ', '-'), [program]));
    expect(reply).toMatchObject({ kind: 'did_not_start', cause: 'program' });
    expect('message' in reply ? reply.message : '').toMatch(message);
  });

  it.each([
    ['does not exist', 'nowhere', () => undefined],
    ['is a file', 'a-file', () => writeFileSync(rig.path('a-file'), '')],
    ['cannot be reached', 'loop', () => symlinkSync(rig.path('loop'), rig.path('loop'))],
  ])('is refused for a directory that %s', async (_what, cwd, make) => {
    make();
    const reply = await daemon.host.start(rig.spec(cwd, ['true'], { cwd: rig.path(cwd) }));
    expect(reply).toMatchObject({ kind: 'did_not_start', cause: 'directory' });
  });

  it('is refused as ours when its output cannot be opened', async () => {
    const reply = await daemon.host.start(rig.spec('no-out', ['true'], { outPath: rig.path('nowhere/out') }));
    expect(reply).toMatchObject({ kind: 'did_not_start', cause: 'host' });
  });

  it('is refused as ours when the system takes no such arguments', async () => {
    const reply = await daemon.host.start(rig.spec('too-long', ['true', 'x'.repeat(200_000)]));
    expect(reply).toMatchObject({ kind: 'did_not_start', cause: 'host' });
    expect('message' in reply ? reply.message : '').toMatch(/E2BIG/);
  });

  it('may be tried again with the same id', async () => {
    const spec = rig.spec('again', ['true'], { cwd: rig.path('later') });
    expect(await daemon.host.start(spec)).toMatchObject({ kind: 'did_not_start' });
    mkdirSync(rig.path('later'));
    expect(await daemon.host.start(spec)).toMatchObject({ kind: 'started' });
    await daemon.told.exit('again');
  });

  it('is proved by the wrapper where only exec can know', async () => {
    writeFileSync(rig.path('script'), '#!/nonexistent/interpreter\n');
    chmodSync(rig.path('script'), 0o755);
    await daemon.start(rig.spec('interpreter', [rig.path('script')]));
    expect(await daemon.told.exit('interpreter')).toMatchObject({ code: 127, didNotStart: { cause: 'program' } });
  });

  it.each([126, 127])('is not claimed of a program that ends with %i by itself', async (code) => {
    await daemon.start(rig.shell(`own-${code}`, `exit ${code}`));
    expect(await daemon.told.exit(`own-${code}`)).toMatchObject({ code, didNotStart: null });
  });
});

describe('a pause flag', () => {
  it.each([
    ['an empty file', (path: string) => writeFileSync(path, '')],
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link to nowhere', (path: string) => symlinkSync('/nonexistent', path)],
  ])('refuses the start when it is %s', async (what, make) => {
    const flag = rig.path('flag');
    make(flag);
    const spec = rig.shell(what.replaceAll(' ', '-'), ': >ran', { pauseFlags: [flag] });
    expect(await daemon.host.start(spec)).toEqual({ kind: 'paused', flag });
    rmSync(flag, { recursive: true });
    expect(await daemon.host.start(spec)).toMatchObject({ kind: 'started' });
    await daemon.told.exit(spec.attemptId);
  });

  it('that cannot be looked at refuses too', async () => {
    writeFileSync(rig.path('file'), '');
    const flag = rig.path('file/flag');
    expect(await daemon.host.start(rig.spec('blind', ['true'], { pauseFlags: [flag] }))).toEqual({
      kind: 'paused',
      flag,
    });
  });
});
