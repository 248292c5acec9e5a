// An installed factory stays whole whatever its agents, its manager and its own daemon do.

import { beforeAll, describe } from 'vitest';
import { installFactory } from '../installed.ts';
import { limits } from '../stories/limits.ts';
import { restarts } from '../stories/restarts.ts';
import { silence } from '../stories/silence.ts';
import { takenAway } from '../stories/taken-away.ts';

beforeAll(() => {
  installFactory();
});

describe('agents beyond their limits', limits);
describe('ten live agents', restarts);
describe('a daemon that stands still', silence);
describe('limits that are taken away', takenAway);
