// An emulated Debian machine with a real systemd: builds its image once, boots it, runs guest tests inside, brings their results back.

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
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const IMAGE = process.env['ADF_VM_IMAGE'] ?? join(ROOT, 'node_modules/.cache/vm');
/** Programs that the machine needs here, and the Debian package of each. */
const NEEDED = { 'qemu-system-x86_64': 'qemu-system-x86', mmdebstrap: 'mmdebstrap', cpio: 'cpio', mke2fs: 'e2fsprogs' };
/** What a boot may take; a boot that hangs must not hang everything. */
const BOOT_SECONDS = 540;
/** Parts of the project that the guest needs, and packages that it does not. */
const SOURCES = ['src', 'test', 'migrations', 'bin', 'package.json', 'tsconfig.json', 'vitest.guest.config.ts'];
const LEFT_OUT =
  /^(?:@oxlint|@oxfmt|@oxc|@types|oxlint|oxfmt|oxc|typescript|knip|dependency-cruiser|node-linux|lightningcss|\.cache|\.bin)/;

/** One test that ran inside. */
export interface GuestResult {
  readonly title: string;
  readonly passed: boolean;
  readonly message: string;
}

/** Boots the machine and runs the guest tests whose files match `names`. */
export async function runGuestTests(names: string): Promise<readonly GuestResult[]> {
  buildImage();
  const dir = mkdtempSync(join(tmpdir(), 'adf-vm-'));
  try {
    const input = join(dir, 'in');
    const output = join(dir, 'out');
    stage(input);
    await boot([
      '--in',
      input,
      '--out',
      output,
      IMAGE,
      `sh test/vm/guest/setup.sh && sh test/vm/guest/run.sh '${names}'`,
    ]);
    return readdirSync(output)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => resultsIn(join(output, name)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Builds the image where there is none, or one by an older recipe. */
function buildImage(): void {
  const recipe = readFileSync(join(import.meta.dirname, 'build-image.sh'), 'utf8');
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
  const script = join(import.meta.dirname, 'build-image.sh');
  execFileSync('bash', [script, fresh], { stdio: 'inherit', env: { ...process.env, VM_NODE: node } });
  cpSync(script, join(fresh, 'recipe'));
  rmSync(IMAGE, { recursive: true, force: true });
  renameSync(fresh, IMAGE);
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** The project as the guest gets it. */
function stage(folder: string): void {
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

async function boot(args: readonly string[]): Promise<void> {
  const env = { ...process.env, VM_TIMEOUT: String(BOOT_SECONDS) };
  const child = spawn('bash', [join(import.meta.dirname, 'run.sh'), ...args], { stdio: 'inherit', env });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  // 1: tests failed, their results say which.
  if (code !== 0 && code !== 1) {
    throw new Error(`the machine ended with ${code ?? 'a signal'}: its console is above`);
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

function resultsIn(path: string): GuestResult[] {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as JsonReport;
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
