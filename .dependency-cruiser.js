/**
 * Arrows point one way. Each rule is a sentence; there is no list of exemptions. The words are the folders of src/.
 */
const order = [
  ['base'],
  ['stats'],
  ['warehouse', 'records'],
  ['stores'],
  ['access'],
  ['ui'],
  ['schools'],
  ['signIn'],
  ['audit'],
  ['pupils'],
  ['registers', 'publications'],
  ['absence'],
  ['patterns', 'earlyWarning'],
  ['digest'],
  ['targets'],
  ['overview'],
  ['web', 'api', 'cli'],
  ['demo'],
  ['transparency'],
];
const tests = '\\.test\\.ts$';

/** `^src/(a|b)/`, or from outside `base` a fixture of the same shape. */
const inside = (folders) => `(^|/)src/(${folders.join('|')})/`;

const directions = order.flatMap((level, index) =>
  level.map((folder) => {
    const siblings = level.filter((other) => other !== folder);
    const forbidden = [...order.slice(index + 1).flat(), ...siblings];
    return {
      name: `${folder}-imports-only-from-its-left`,
      comment: `${folder}/ imports from its left alone: not from ${forbidden.join(', ') || 'its siblings'}, nor from what wires all together.`,
      severity: 'error',
      from: { path: inside([folder]), pathNot: tests },
      to: {
        path: [
          ...(forbidden.length > 0 ? [inside(forbidden)] : []),
          '(^|/)src/(wiring|serve|main|config)\\.ts$',
        ],
      },
    };
  }),
);

const slices = order.flat().filter((folder) => folder !== 'base' && folder !== 'stats');

export default {
  forbidden: [
    ...directions,
    {
      name: 'another-folder-only-through-its-index',
      comment:
        'A folder is entered by its index.ts: what it does not name there is its own affair.',
      severity: 'error',
      from: { path: '(^|/)src/([^/]+)/', pathNot: tests },
      to: {
        path: inside(slices),
        pathNot: ['(^|/)src/$2/', '/index\\.ts$'],
      },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Nothing outside tests imports testing/.',
      severity: 'error',
      from: { pathNot: [tests, '(^|/)src/testing/', '(^|/)test/'] },
      to: { path: '(^|/)src/testing/' },
    },
    {
      name: 'chance-is-the-same-at-every-run',
      comment: 'A test takes fast-check from testing/chance.ts, which gives it its seed.',
      severity: 'error',
      from: { path: tests },
      to: { path: 'node_modules/fast-check/' },
    },
    {
      name: 'only-the-warehouse-knows-clickhouse',
      comment: 'ClickHouse is known in warehouse/ alone.',
      severity: 'error',
      from: { pathNot: ['(^|/)src/(warehouse|testing)/', tests] },
      to: { path: 'node_modules/(chdb|@clickhouse)/' },
    },
    {
      name: 'only-the-records-know-postgresql',
      comment: 'PostgreSQL is known in records/ alone.',
      severity: 'error',
      from: { pathNot: ['(^|/)src/(records|testing)/', tests] },
      to: { path: 'node_modules/(kysely|pg|@electric-sql)/' },
    },
    {
      name: 'models-are-pure',
      comment:
        'What Rollcall computes takes values and returns values: no store, no file, no network in stats/.',
      severity: 'error',
      from: { path: '(^|/)src/stats/', pathNot: tests },
      to: {
        path: ['(^|/)src/(warehouse|records|stores)/', '^node:', '^(fs|net|http|child_process)$'],
      },
    },
    {
      name: 'what-is-computed-of-schools-reads-no-child',
      comment:
        'Forecasts, expectations and publications are of schools: they cannot reach a child.',
      severity: 'error',
      from: { path: '(^|/)src/(stats|publications|targets)/', pathNot: tests },
      to: { path: '(^|/)src/pupils/' },
    },
    {
      name: 'no-circles',
      comment: 'No file imports itself through others.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
