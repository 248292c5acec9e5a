// Which files can keep a secret.

import { expect, it } from 'vitest';
import { exposureOf } from '../../src/lib/secret-mode.ts';

const OPEN = 'others than its owner can use /etc/adf/token (mode 0640): chmod 600 /etc/adf/token';

it.each<readonly [string, number, string | null]>([
  ['/etc/adf/token', 0o100600, null],
  ['/etc/adf/token', 0o100400, null],
  ['/etc/adf/token', 0o100640, OPEN],
  ['/etc/adf/token', 0o100604, OPEN.replace('0640', '0604')],
  ['/etc/adf/token', 0o100620, OPEN.replace('0640', '0620')],
  // A list of rights for the service's user looks so.
  ['/run/credentials/adf.service/token', 0o100440, null],
  ['/run/user/1000/credentials/adf.service/token', 0o100440, null],
  ['/run/credentials/adf.service/token', 0o100444, expect.stringContaining('0444') as string],
  ['/srv/run/credentials/token', 0o100440, expect.stringContaining('0440') as string],
])('%s of mode %o: %s', (path, mode, said) => {
  expect(exposureOf(path, mode)).toEqual(said);
});
