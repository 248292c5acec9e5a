// Finds files of the package, in a checkout (src/main/…) and in the built package (dist/main/…) alike.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of `name` at the root of the package. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The version in package.json. */
export function packageVersion(): string {
  const parsed = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { readonly version: string };
  return parsed.version;
}
