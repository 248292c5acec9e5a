// codex, as installed from the registry, in the factory.

import { conform } from './conform.ts';

conform('codex', {
  terminated: 'killed',
  stalls: true,
  forks: true,
  stopsAtBudget: true,
  faults: [
    { model: 'e401', ending: 'auth' },
    { model: 'e403', ending: 'auth' },
    { model: 'e429once', ending: 'succeeded' },
    { model: 'e429', ending: 'rate' },
    { model: 'e500', ending: 'overload' },
    { model: 'e529', ending: 'overload' },
    { model: 'cut', ending: 'network' },
    { model: 'refused', ending: 'network' },
    { model: 'huge', ending: 'succeeded' },
    { model: 'garbage', ending: 'network' },
  ],
});
