// gemini, as installed from the registry, in the factory.

import { conform } from './conform.ts';

conform('gemini', {
  terminated: 'no_result',
  stalls: true,
  forks: false,
  stopsAtBudget: false,
  faults: [
    { model: 'e401', ending: 'auth' },
    { model: 'e403', ending: 'auth' },
    { model: 'e429once', ending: 'succeeded' },
    { model: 'huge', ending: 'succeeded' },
  ],
});
