// Reads what a model answered: an explanation and suggestions, or only text, or nothing of use. It is never trusted.

import { cutMiddle } from '../../lib/cut-text.ts';
import { printable } from '../react/untrusted-text.ts';
import type { Offer } from './remedy.ts';
import { MAX_OFFERS } from './remedy.ts';

/** What could be read. */
export interface Answer {
  readonly explanation: string;
  readonly offers: readonly Offer[];
}

const EXPLANATION_BYTES = 4000;
const WHY_BYTES = 300;
/** Longer answers than this are not searched for JSON. */
const MAX_SEARCHED = 100_000;

/** The answer in `text`; null: there is nothing to show. Models like to wrap their JSON into fences and good wishes. */
export function readAnswer(text: string): Answer | null {
  const found = objectIn(text.slice(0, MAX_SEARCHED));
  const explanation = found === null ? text : found['explanation'];
  const shown = typeof explanation === 'string' ? cutMiddle(printable(explanation).trim(), EXPLANATION_BYTES) : '';
  if (shown === '') {
    return null;
  }
  const list = found === null ? [] : found['suggestions'];
  return { explanation: shown, offers: Array.isArray(list) ? list.flatMap(offerOf).slice(0, MAX_OFFERS) : [] };
}

function offerOf(value: unknown): readonly Offer[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { action, target, why } = value as Record<string, unknown>;
  const reason = typeof why === 'string' ? cutMiddle(printable(why).replace(/\s+/g, ' ').trim(), WHY_BYTES) : '';
  return typeof action === 'string' && typeof target === 'string' ? [{ action, target, why: reason }] : [];
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  if (from < 0 || to < from) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(text.slice(from, to + 1));
    return typeof value === 'object' && value !== null && 'explanation' in value ? { ...value } : null;
  } catch {
    // Braces that are no JSON: the whole is text.
    return null;
  }
}
