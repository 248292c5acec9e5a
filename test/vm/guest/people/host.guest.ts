// The systemd host keeps the promises of the port, on a real service manager.

import { executionHostSuite } from '../../../ports/execution-host.suite.ts';
import { UnitRig } from '../unit-rig.ts';

const kind = process.getuid?.() === 0 ? 'system' : 'user';

executionHostSuite(`systemd, ${kind} manager`, () => new UnitRig(kind).suiteRig(), false);
