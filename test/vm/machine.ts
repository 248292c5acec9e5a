// A virtual Debian machine with a real systemd: builds its image once, boots it, runs guest tests inside, cuts its power, brings results back.

import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');
const IMAGE = process.env['ADF_VM_IMAGE'] ?? join(ROOT, 'node_modules/.cache/vm');
/** What the image is made by. */
const RECIPE = ['build-image.sh', 'xstate.c'];
/** Programs that the machine needs here, and the Debian package of each. */
const NEEDED = { mmdebstrap: 'mmdebstrap', mke2fs: 'e2fsprogs', gcc: 'gcc' };
/** What a boot may take; a boot that hangs must not hang everything. */
const BOOT_SECONDS = 900;
const MEMORY_MIB = 1536;
/** Parts of the project that the guest needs, and packages that it does not. */
const SOURCES = ['src', 'test', 'migrations', 'bin', 'package.json', 'package-lock.json', 'vitest.guest.config.ts'];
const LEFT_OUT =
  /^(?:@oxlint|@oxfmt|@oxc|@types|oxlint|oxfmt|oxc|typescript|knip|dependency-cruiser|node-linux|lightningcss|jiti|\.)/;

/** One test that ran inside. */
export interface GuestResult {
  readonly title: string;
  readonly passed: boolean;
  readonly message: string;
}

/** A machine with a disk of its own, from the first boot until it is thrown away. */
export class Machine {
  /** What the first one was given. */
  static #staged: string | null = null;
  readonly #dir = mkdtempSync(join(tmpdir(), 'adf-vm-'));

  constructor() {
    buildImage();
    if (Machine.#staged === null) {
      stage(this.#input);
      Machine.#staged = this.#input;
    } else {
      cpSync(Machine.#staged, this.#input, { recursive: true, verbatimSymlinks: true });
    }
  }

  /** Leaves `text` where guest tests find it as `/test/NAME`. */
  give(name: string, text: string): void {
    writeFileSync(join(this.#input, name), text);
  }

  /**
   * Boots, and runs `commands` one after the other, whatever comes of each. What they say behind `@NAME ` at the beginning of a
   * line is answered by name; all else is shown. At `@cut` the power goes.
   */
  async boot(commands: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const env = {
      ...process.env,
      VM_TIMEOUT: String(BOOT_SECONDS),
      VM_MEM: String(MEMORY_MIB),
      VM_DISK: join(this.#dir, 'disk'),
      VM_PIDFILE: this.#pidFile,
    };
    const args = [join(import.meta.dirname, 'run.sh'), '--in', this.#input, IMAGE, commands.join('; ')];
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const said = new Map<string, string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name, text = ''] = /^@([a-z]+) ?(.*)$/.exec(line) ?? [];
      if (name === undefined) {
        process.stdout.write(`${line}\n`);
      } else {
        said.set(name, text);
      }
      if (name === 'cut') {
        process.kill(-Number(readFileSync(this.#pidFile, 'utf8')), 'SIGKILL');
      }
    }
    const code = await ended;
    // 1: tests failed, their results say which.
    if (code !== 0 && code !== 1 && !said.has('cut')) {
      throw new Error(`the machine ended with ${code ?? 'a signal'}: its console is above`);
    }
    return said;
  }

  /** Removes its disk. Machines made later would miss what the first was given: all are made before. */
  dispose(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #input(): string {
    return join(this.#dir, 'in');
  }

  get #pidFile(): string {
    return join(this.#dir, 'pid');
  }
}

/** The command that runs the guest tests in `folder` and says what came of them behind `@results`. */
export function guestTests(folder: string): string {
  return `sh test/vm/guest/run.sh test/vm/guest/${folder}/`;
}

/** What the guest tests said; a report that is not there is a test that failed. */
export function resultsIn(said: ReadonlyMap<string, string>): readonly GuestResult[] {
  const text = said.get('results');
  if (text === undefined) {
    return [{ title: 'tests ran', passed: false, message: 'no report came back: the console is above' }];
  }
  const { testResults } = JSON.parse(text) as JsonReport;
  return testResults.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length === 0
      ? [{ title: name, passed: false, message }]
      : assertionResults.map(({ fullName, status, failureMessages = [] }) => ({
          title: fullName,
          passed: status === 'passed',
          message: failureMessages.join('\n'),
        })),
  );
}

/** Builds the image where there is none, or one by an older recipe. */
function buildImage(): void {
  const recipe = RECIPE.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
  const stamp = join(IMAGE, 'recipe');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) {
    return;
  }
  const missing = Object.entries(NEEDED).filter(([program]) => !isOnPath(program));
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ');
    throw new Error(`test:vm needs: apt-get install --no-install-recommends ${packages}`);
  }
  const fresh = `${IMAGE}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(IMAGE), { recursive: true });
  const node = realpathSync(join(ROOT, 'node_modules/.bin/node'));
  execFileSync('bash', [join(import.meta.dirname, 'build-image.sh'), fresh], {
    stdio: 'inherit',
    env: { ...process.env, VM_NODE: node },
  });
  writeFileSync(join(fresh, 'recipe'), recipe);
  rmSync(IMAGE, { recursive: true, force: true });
  renameSync(fresh, IMAGE);
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** The project as the guest gets it, and the program as it is packed: without types to strip it starts in a tenth of the time there. */
function stage(folder: string): void {
  const build = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, build, { cwd: ROOT, stdio: 'inherit' });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const name of SOURCES) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((each) => !LEFT_OUT.test(each))) {
    cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

interface JsonReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}
