// Draws what doctor found: worst first would hide the order of things, so each line says its state in a word.

import type { DoctorCheck } from '../local.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import type { Tone } from './style.ts';
import { counted } from '../../lib/counted.ts';
import { withCommand } from './words.ts';

const TONES: Readonly<Record<DoctorCheck['state'], Tone>> = { ok: 'good', limited: 'care', missing: 'bad' };

/** The lines of `adf doctor`. */
export function renderDoctor(checks: readonly DoctorCheck[], look: Look): readonly string[] {
  const rows = checks.map((check) => [
    { text: check.state, tone: TONES[check.state] },
    check.area,
    withCommand(check.text, check.remedy),
  ]);
  const missing = checks.filter((check) => check.state === 'missing').length;
  const limited = checks.filter((check) => check.state === 'limited').length;
  const last =
    missing === 0 && limited === 0
      ? 'nothing is missing'
      : `${counted(missing, 'thing')} missing, ${counted(limited, 'thing')} limited; each says what to do`;
  return [...table(['STATE', 'AREA', 'WHAT'], rows, look), last];
}
