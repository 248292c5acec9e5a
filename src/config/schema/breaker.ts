// `[breaker]` and `[projects.breaker]`: when repeated failure pauses a project.

import * as z from 'zod';

import { defaulted, optional, required } from '../key.ts';
import { composite, duration, flag, texts, whole } from '../kinds.ts';

const sameClassSchema = z.strictObject({
  count: required(whole(2, 1000), { means: 'How many failures of one class trip.', example: '5' }),
  window: defaulted(duration({ min: '1s', max: '30d' }), '1h', {
    means: 'The time within which they count.',
    example: '"2h"',
  }),
});

/** The table `[breaker]`; a project's own table replaces single keys of it. */
export const breakerSchema = z.strictObject({
  threshold: optional(whole(0, 1000), {
    means: 'How many counted failures in a row pause the project; 0 means 1.',
    default: '3',
    example: '5',
  }),
  agents: optional(texts(), {
    means: 'Names of the agents whose failures count; "*" stands for any text.',
    default: '["project-meta", "project-meta-*"]',
    example: '["project-meta", "nightly-*"]',
  }),
  same_class: optional(composite(sameClassSchema, 'a table such as { count = 5, window = "1h" }'), {
    means: 'A second rule: so many failures of one class within a window pause the project too.',
    default: 'off',
    example: '{ count = 5, window = "1h" }',
  }),
  probe_after: optional(duration({ min: '1s', max: '30d' }), {
    means: 'After a resume: how long to wait for a counted run before one is started as a probe.',
    default: '"10m"',
    example: '"5m"',
  }),
  probe_first: optional(flag(), {
    means: 'After a resume let one probe succeed before everything else of the project.',
    default: 'false',
    example: 'true',
  }),
  auto_resume_after: optional(duration({ min: '1s', max: '365d' }), {
    means: 'Lift a pause that the breaker made after this time, behind a probe.',
    default: 'never',
    example: '"4h"',
  }),
  pause_stops_running: optional(flag(), {
    means: 'A pause also stops the runs of the project that are alive.',
    default: 'false',
    example: 'true',
  }),
});

/** `[breaker]` after its checks. */
export type BreakerInput = z.output<typeof breakerSchema>;
