// Installs the agent CLIs whose versions versions.json pins, as an operator would, into a cache beside the packages.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { CliName } from '../../src/conformance/expectations.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/agents', import.meta.url));
const VERSIONS = fileURLToPath(new URL('versions.json', import.meta.url));
/** The biggest of them has 400 MB. */
const INSTALL_MS = 300_000;

/** An installed CLI. */
export interface Installed {
  readonly version: string;
  /** Absolute path of its program, named like the driver. */
  readonly program: string;
}

/** The pinned version of `cli`. */
export function pinned(cli: CliName): { readonly package: string; readonly version: string } {
  const all = JSON.parse(readFileSync(VERSIONS, 'utf8')) as Record<CliName, { package: string; version: string }>;
  return all[cli];
}

/** Installs `cli` unless it is there. Install scripts run: two of the five fetch nothing, but put their program in place. */
export async function install(cli: CliName): Promise<Installed> {
  const { package: name, version } = pinned(cli);
  const folder = join(CACHE, `${cli}-${version}`);
  const program = join(folder, 'node_modules', '.bin', cli);
  if (!existsSync(program)) {
    mkdirSync(CACHE, { recursive: true });
    const fresh = mkdtempSync(join(CACHE, `${cli}-`));
    writeFileSync(join(fresh, 'package.json'), '{"private": true}\n');
    // The version is chosen for the Node that will run it: npm must not be the host's older one.
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
    const args = [
      'install',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--ignore-scripts=false',
      `${name}@${version}`,
    ];
    await promisify(execFile)('npm', args, { cwd: fresh, env, timeout: INSTALL_MS });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
  return { version, program };
}
