// Dependency auditor: does the lock file that is committed match its manifest, and what in it deserves a look?
// Works offline, from the files alone. Fails when lock file and manifest disagree.

import { existsSync, readFileSync } from 'node:fs';

import { count, git, head, headline, list, printable, stop } from './git.mjs';

const OTHERS = [
  ['Cargo.toml', ['Cargo.lock']],
  ['go.mod', ['go.sum']],
  ['pyproject.toml', ['uv.lock', 'poetry.lock', 'pdm.lock']],
  ['Gemfile', ['Gemfile.lock']],
  ['composer.json', ['composer.lock']],
];

console.log(headline(head()));
const known = OTHERS.filter(([manifest]) => existsSync(manifest));
for (const [manifest, locks] of known) {
  const lock = locks.find((name) => existsSync(name));
  console.log(
    lock === undefined ? `${manifest}: no lock file (${locks.join(' or ')})` : `${manifest}: ${changedIn(lock)}`,
  );
}
if (existsSync('package.json')) {
  process.exitCode = auditNpm() ? 0 : 1;
} else if (known.length === 0) {
  console.log('no dependencies declared here (no package.json, Cargo.toml, go.mod, pyproject.toml, …)');
}

/** Prints the findings; answers whether lock file and manifest agree. */
function auditNpm() {
  const manifest = json('package.json');
  const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  if (!existsSync('package-lock.json')) {
    console.log(
      `package.json: ${count(Object.keys(declared).length, 'dependency', 'dependencies')}, no package-lock.json`,
    );
    return true;
  }
  const lock = json('package-lock.json').packages ?? {};
  const installed = Object.entries(lock).filter(([path, entry]) => path !== '' && entry.link !== true);
  const root = lock[''] ?? {};
  const locked = { ...root.dependencies, ...root.devDependencies, ...root.optionalDependencies };
  const differing = Object.keys({ ...declared, ...locked }).filter((name) => declared[name] !== locked[name]);
  const names = new Map();
  for (const [path, entry] of installed) {
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    names.set(name, new Set([...(names.get(name) ?? []), entry.version]));
  }
  const inTree = installed.filter(([path]) => path.includes('node_modules/'));
  const foreign = inTree.filter(([, { resolved }]) => resolved !== undefined && !/^https:/.test(resolved));
  const unproved = inTree.filter(([, entry]) => entry.integrity === undefined && entry.inBundle !== true);
  const loose = Object.entries(declared).filter(([, range]) => !/^\d/.test(range));
  console.log(changedIn('package-lock.json'));
  list(
    'package.json and package-lock.json disagree (run npm install):',
    differing.map((name) => difference(name, declared[name], locked[name])),
    20,
  );
  list(
    'not from an https registry:',
    foreign.map(([path, entry]) => `${path} · ${entry.resolved}`),
  );
  list(
    'without a checksum:',
    unproved.map(([path]) => path),
  );
  list(
    'deprecated:',
    inTree.filter(([, entry]) => entry.deprecated).map(([path, entry]) => `${path} · ${entry.deprecated}`),
  );
  list(
    'run a script when installed:',
    inTree.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path),
  );
  list(
    'in several versions:',
    [...names].filter(([, found]) => found.size > 1).map(([name, found]) => `${name} · ${[...found].join(', ')}`),
  );
  console.log(
    [
      `${count(Object.keys(declared).length, 'dependency', 'dependencies')} declared (${loose.length} not pinned)`,
      `${count(installed.length, 'package')} locked`,
      differing.length === 0 ? 'manifest and lock file agree' : `${differing.length} DISAGREE`,
    ].join(', '),
  );
  return differing.length === 0;
}

function difference(name, declared, locked) {
  return `${name} · ${declared ?? 'nothing'} declared, ${locked ?? 'nothing'} locked`;
}

function changedIn(lock) {
  const last = git('log', '-1', '--format=%h, %cr', '--', lock);
  return last ? `${lock} last changed in ${last}` : `${lock} is not committed`;
}

function json(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return stop(`${path}: ${printable(String(error.message))}`);
  }
}
