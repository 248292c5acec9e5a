// qwen, as installed from the registry, in the factory.

import { conform } from './conform.ts';

conform('qwen');
