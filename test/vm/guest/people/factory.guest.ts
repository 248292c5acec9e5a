// A fresh machine becomes a build host by one command, and its people and agents may what they should.

import { readFileSync } from 'node:fs';
import { beforeAll, describe } from 'vitest';
import { installFactory } from '../installed.ts';
import { freshMachine } from '../stories/fresh-machine.ts';
import { operators } from '../stories/operators.ts';
import { ownFolders } from '../stories/own-folders.ts';
import { ownManager } from '../stories/own-manager.ts';
import { sandboxes } from '../stories/sandboxes.ts';
import { uninstalled } from '../stories/uninstalled.ts';

let printed = '';
beforeAll(() => {
  printed = installFactory();
});

describe('a fresh machine', () => {
  freshMachine(
    () => printed,
    (path) => readFileSync(path, 'utf8'),
  );
});
describe('folders of their own', ownFolders);
describe('people', operators);
describe('sandboxes and secrets', sandboxes);
describe('a user with a manager of their own', ownManager);
describe('what is taken away', uninstalled);
