// Covers the secrets in an output that nobody follows.

import type { House } from './house.ts';
import { Mask } from './mask.ts';

/** Bytes read in one go. */
const CHUNK_BYTES = 256 * 1024;

/** Covers in each of `paths` what is secret now; files that are not there are passed over. */
export async function coverOutputs(
  {
    files,
    secrets,
  }: { readonly files: Pick<House['files'], 'read' | 'size' | 'cover'>; readonly secrets: House['secrets'] },
  paths: readonly (string | null)[],
): Promise<void> {
  for (const path of secrets.known().length === 0 ? [] : paths.filter((one) => one !== null)) {
    const mask = new Mask(() => secrets.known());
    const size = await files.size(path);
    for (let at = 0; at < size;) {
      const bytes = await files.read(path, at, Math.min(CHUNK_BYTES, size - at));
      if (bytes.length === 0) {
        break;
      }
      await files.cover(path, mask.push(bytes, at).covers);
      at += bytes.length;
    }
  }
}
