// The floor plan as rules: each says who may know whom, and why.
const room = (name) => `^src/${name}/`;
const builtin = { dependencyTypes: ['core'] };
const anyPackage = { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] };
const only = (from, allowed, comment) => ({
  name: `${from}-knows-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  comment,
  from: { path: room(from) },
  to: { path: '^src/', pathNot: [from, ...allowed].map((name) => `^src/${name}(/|\\.ts$)`) },
});
const pure = (name) => [
  {
    name: `${name}-has-no-builtin`,
    severity: 'error',
    comment: `${name} decides with what it is given; a Node built-in would let the world in and make its tests lie.`,
    from: { path: room(name) },
    to: builtin,
  },
  {
    name: `${name}-has-no-package`,
    severity: 'error',
    comment: `${name} imports no package, so that it can be read and tested with nothing but this repository.`,
    from: { path: room(name) },
    to: anyPackage,
  },
];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle means two files that can only be understood together: move the shared thing to its own file.',
      from: { path: '^(src|test)/' },
      to: { circular: true },
    },
    only('lib', [], 'lib is the floor: it stands on nothing.'),
    only('core', ['lib'], 'core decides and must not know who asks or who carries out.'),
    only('ports', ['core', 'lib'], 'ports name what core and daemon need in words of core, never of an adapter.'),
    only(
      'drivers',
      ['ports', 'core', 'lib'],
      'a driver turns a CLI into data; it starts nothing and reads nothing itself.',
    ),
    only(
      'daemon',
      ['ports', 'core', 'lib'],
      'the daemon gets its adapters through House, so that tests can give it others.',
    ),
    only(
      'conformance',
      ['drivers', 'ports', 'core', 'lib'],
      'the kit drives any factory by its port: the tests give it a daemon of its own, doctor one inside its process.',
    ),
    only('os', ['lib'], 'os is what keeper and adapters both know of Linux; it must stay as small as the keeper.'),
    only('keeper', ['os', 'lib'], 'the keeper must stay tiny: its memory is the price of every spawn.'),
    only(
      'meter',
      ['core', 'os', 'lib'],
      'a meter is a process beside each agent that wants one: it must start fast and stay small.',
    ),
    only('adapters', ['os', 'ports', 'core', 'lib'], 'adapters carry out a port; decisions belong to core.'),
    only('config', ['core', 'lib'], 'config turns text into the types of core and nothing else.'),
    only('http', ['ports', 'core', 'lib'], 'http is a door: it states the contract and translates.'),
    only(
      'cli',
      ['http', 'config', 'core', 'lib'],
      "the cli is a client of http's contract; what works without a daemon comes from main as functions.",
    ),
    {
      name: 'http-does-not-know-cli',
      severity: 'error',
      comment: 'The door does not know its visitors.',
      from: { path: room('http') },
      to: { path: room('cli') },
    },
    {
      name: 'adapters-are-strangers',
      severity: 'error',
      comment:
        'An adapter that needs another one hides a port: name it. program.ts (short programs), account.ts (users of the machine), post.ts (HTTP) and bubblewrap.ts (sandboxes of our own user) are the exceptions.',
      from: { path: '^src/adapters/([^/]+)/' },
      to: {
        path: '^src/adapters/',
        pathNot: ['^src/adapters/$1/', '^src/adapters/(program|account|post|bubblewrap)\\.ts$'],
      },
    },
    {
      name: 'drivers-are-strangers',
      severity: 'error',
      comment: 'CLIs change one by one; what they share stands in drivers/*.ts or core.',
      from: { path: '^src/drivers/([^/]+)/' },
      to: { path: '^src/drivers/', pathNot: ['^src/drivers/$1/', '^src/drivers/[^/]+\\.ts$'] },
    },
    ...pure('lib'),
    ...pure('core'),
    ...pure('ports'),
    ...pure('drivers'),
    {
      name: 'keeper-meter-and-os-have-no-package',
      severity: 'error',
      comment:
        'Each package in the keeper is memory that every fork pays for, and one in the meter is memory of every agent.',
      from: { path: ['^src/keeper/', '^src/meter/', '^src/os/'] },
      to: anyPackage,
    },
    {
      name: 'child-processes-in-three-places',
      severity: 'error',
      comment:
        'Programs are started by the keeper, by the keeper client (the keeper itself) and by adapters/program.ts, nowhere else.',
      from: { path: '^src/', pathNot: ['^src/keeper/', '^src/adapters/keeper-client/', '^src/adapters/program\\.ts$'] },
      to: { path: ['^(node:)?child_process$', 'node_modules/execa'] },
    },
    {
      name: 'only-sqlite-speaks-sql',
      severity: 'error',
      comment: 'SQL stands in one room, so that the schema can change in one place.',
      from: { path: '^src/', pathNot: ['^src/adapters/sqlite/'] },
      to: { path: 'node_modules/better-sqlite3' },
    },
    {
      name: 'src-does-not-know-test',
      severity: 'error',
      comment: 'What the product needs cannot live in its tests.',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-main-wires',
      severity: 'error',
      comment:
        'main.ts and src/main/ are the composition root: who needs something from them should get it as an argument.',
      from: { path: '^src/', pathNot: ['^src/main'] },
      to: { path: '^src/main' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
