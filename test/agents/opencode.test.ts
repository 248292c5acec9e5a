// opencode, as installed from the registry, in the factory.

import { conform } from './conform.ts';

conform('opencode', {
  terminated: 'killed',
  stalls: false,
  forks: true,
  stopsAtBudget: true,
  faults: [
    { model: 'e401', ending: 'auth' },
    { model: 'e403', ending: 'auth' },
    { model: 'e429once', ending: 'succeeded' },
    { model: 'huge', ending: 'succeeded' },
  ],
});
