// Covers secrets in an output while it is read: what an agent printed is overwritten in its file, and read as it then stands.
//
// The agent writes the file itself, so a secret stands there from its writing until the next look. The cover has the length
// of the secret: nothing in the file moves, for no reader and not for the writer, who only appends.

import { Buffer } from 'node:buffer';
import { secretForms } from '../core/redact.ts';
import type { Cover } from '../ports/run-files.ts';

const STAR = 0x2a;
const WORD = Buffer.from('[redacted]');

/** One output as it is read, from its beginning. */
export class Mask {
  readonly #secrets: () => readonly string[];
  /** Read and not passed on: it may be the beginning of a secret. */
  #held: Buffer = Buffer.alloc(0);

  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** Takes the bytes that stand at `at`, behind all before; answers what may be passed on, and what is to be covered in the file. */
  push(bytes: Uint8Array, at: number): { readonly clean: Uint8Array; readonly covers: readonly Cover[] } {
    const forms = formsOf(this.#secrets());
    if (forms.length === 0 && this.#held.length === 0) {
      return { clean: bytes, covers: [] };
    }
    const start = at - this.#held.length;
    const text = Buffer.concat([this.#held, bytes]);
    const covers = forms.flatMap((form) => coverAll(text, form, start));
    const whole = text.length - beginningOf(forms, text);
    this.#held = text.subarray(whole);
    return { clean: text.subarray(0, whole), covers };
  }

  /** Nothing follows: what was held back is what it looks like. */
  end(): Uint8Array {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }
}

/** Forms by the list that they were made of: it stays the same while nothing changes. */
const known = new WeakMap<readonly string[], readonly Buffer[]>();

function formsOf(secrets: readonly string[]): readonly Buffer[] {
  let forms = known.get(secrets);
  if (forms === undefined) {
    forms = secretForms(secrets).map((form) => Buffer.from(form));
    known.set(secrets, forms);
  }
  return forms;
}

function coverAll(text: Buffer, form: Buffer, start: number): Cover[] {
  const covers: Cover[] = [];
  for (let found = text.indexOf(form); found >= 0; found = text.indexOf(form, found + form.length)) {
    const bytes = Buffer.alloc(form.length, STAR);
    if (form.length >= WORD.length) {
      WORD.copy(bytes);
    }
    bytes.copy(text, found);
    covers.push({ at: start + found, bytes });
  }
  return covers;
}

/** Length of the longest end of `text` with which a secret may begin. */
function beginningOf(forms: readonly Buffer[], text: Buffer): number {
  let longest = 0;
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, text.length); length > longest; length -= 1) {
      if (text.subarray(-length).equals(form.subarray(0, length))) {
        longest = length;
      }
    }
  }
  return longest;
}
