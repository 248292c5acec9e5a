// The keeper host keeps the promises of the port, with real processes.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { executionHostSuite, type Doing, type HostRig } from '../../ports/execution-host.suite.ts';
import { KeeperRig, killQuietly, waitFor } from '../../support/keeper-rig.ts';

const SCRIPTS: Readonly<Record<Doing, string>> = {
  'exit 3': 'exit 3',
  wait: ': >$ID.ready; while [ ! -s $ID.go ]; do sleep 0.02; done; exit $(cat $ID.go)',
  deaf: 'trap "" INT TERM; : >$ID.ready; while [ ! -s $ID.go ]; do sleep 0.02; done; exit $(cat $ID.go)',
};

executionHostSuite('the keeper', (): HostRig => {
  const rig = new KeeperRig();
  return {
    connect: (known) => rig.daemon(known),
    crash: (daemon) => daemon.host.close('leave'),
    spec: (id, doing, wish) => rig.shell(id, `ID=${id}; echo began >>$ID.began; ${SCRIPTS[doing]}`, wish),
    finish: (id, code) => writeFileSync(rig.path(`${id}.go`), String(code)),
    ready: (id) => waitFor(() => existsSync(rig.path(`${id}.ready`))),
    began: (id) => {
      const path = rig.path(`${id}.began`);
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
    },
    killHost: () => {
      rig.keepers().forEach(killQuietly);
      return waitFor(() => rig.keepers().length === 0);
    },
    pass: () => undefined,
    path: (name) => rig.path(name),
    dispose: () => rig.dispose(),
  };
});
