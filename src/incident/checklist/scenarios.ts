/** The four common rollbacks and the prevention list, to be read; and which of the four a set of down files is. */

interface Scenario {
  readonly name: 'column-rename' | 'not-null' | 'table-dropped' | 'type-change';
  readonly title: string;
  readonly issue: string;
  readonly safe: string;
  readonly action: readonly string[];
  /** Where the checklist says otherwise, and why it is wrong. */
  readonly differs: string;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'column-rename',
    title: 'Scenario 1: Column Rename',
    issue: 'Column renamed, old code expects old name.',
    safe: 'Yes. A rename keeps every value, also those written since. What breaks is code and views that use the new name.',
    action: ['Rollback migration.', 'Use dual-write pattern in next attempt.'],
    differs:
      'The checklist says “if no data written to new column”: that is for a *new* column that was filled by a copy. There, values written since are lost.',
  },
  {
    name: 'not-null',
    title: 'Scenario 2: NOT NULL Constraint Added',
    issue: 'Existing code tries to insert NULL.',
    safe: 'Yes for the constraint. Look whether the same down file also drops a default or a column.',
    action: [
      'Rollback migration.',
      'Add default value first.',
      'Backfill data; count the NULLs that arrived in between.',
      'Then add the constraint as `CHECK (… is not null) NOT VALID`, validate it, and set NOT NULL last.',
    ],
    differs:
      'Setting NOT NULL at once reads the whole table under a lock that stops everybody. A validated check lets PostgreSQL skip that.',
  },
  {
    name: 'table-dropped',
    title: 'Scenario 3: Table Dropped',
    issue: 'Old code still references table.',
    safe: 'Only if the table was renamed, not dropped.',
    action: [
      'Restore that one table from the backup if truly dropped (`pg_restore -t`, with what depends on it).',
      'Otherwise rollback rename.',
    ],
    differs:
      'A down file can only create the table again, *empty*, and looks successful. And the other way round: the down of a CREATE TABLE drops a table with everything written since.',
  },
  {
    name: 'type-change',
    title: 'Scenario 4: Data Type Change',
    issue: 'Data corruption or precision loss.',
    safe: 'Depends on the conversion, and that can be counted: convert there and back, and compare.',
    action: [
      'Check if original data is preserved.',
      'May need to restore from backup.',
      'Consider using a new column instead.',
    ],
    differs:
      'Rounding of numbers happens without an error. A rewrite of the table also locks it and takes its statistics: run ANALYZE afterwards.',
  },
];

/** What is none of the four: said, so that nobody squeezes it into one. */
const NOT_AMONG_THEM =
  'Not among the four: enums, indexes, triggers and functions, views, partitions, extensions, rights, data backfills, several versions at once. Read the down files.';

const PREVENTION: readonly {
  readonly title: string;
  readonly points: readonly string[];
}[] = [
  {
    title: 'Always Test Rollbacks',
    points: [
      'Include rollback in CI/CD pipeline: up, down, up again, and compare the schemas',
      'Test with production-like data volumes',
      'Verify no data loss occurs',
    ],
  },
  {
    title: 'Use Feature Flags',
    points: [
      'Deploy code that works with both schemas',
      'Gradually enable new schema usage',
      'Easy rollback without database changes',
    ],
  },
  {
    title: 'Staged Rollouts',
    points: ['Deploy to staging first', 'Monitor for 24-48 hours', 'Use canary deployments'],
  },
  {
    title: 'Comprehensive Testing',
    points: [
      'Unit tests for migrations',
      'Integration tests with real database',
      'Load tests for performance impact',
    ],
  },
  {
    title: 'Migration Reviews',
    points: [
      'Require peer review for all migrations',
      'DBA review for complex changes',
      'Include rollback plan in PR description; a missing or empty down file “succeeds” and undoes nothing',
    ],
  },
];

/** For `help scenarios`. */
export function scenariosText(): string {
  return [...SCENARIOS.map(sayScenario), NOT_AMONG_THEM].join('\n\n');
}

function sayScenario({ title, issue, safe, action, differs }: Scenario): string {
  return [
    `*${title}*`,
    issue,
    `*Safe to roll back?* ${safe}`,
    ...action.map((one, index) => `${index + 1}. ${one}`),
    `_Mind:_ ${differs}`,
  ].join('\n');
}

/** For `help prevention`. */
export function preventionText(): string {
  return PREVENTION.map(({ title, points }, index) =>
    [`*${index + 1}. ${title}*`, ...points.map((one) => `• ${one}`)].join('\n'),
  ).join('\n\n');
}

/** One thing that a down file does; what `effects` of the SQL room says fits. */
interface FileEffect {
  readonly kind: string;
  readonly say: string;
}

type ScenarioFound =
  | {
      readonly state: 'fits';
      readonly scenario: Scenario;
      /** What in the files made it so. */
      readonly because: readonly string[];
      readonly advice: string;
    }
  | { readonly state: 'none'; readonly advice: string };

/** The dangerous one first: what loses most decides what the whole is called. */
const SIGNS: readonly {
  readonly scenario: Scenario['name'];
  readonly kinds: readonly string[];
  readonly advice: string;
}[] = [
  {
    scenario: 'table-dropped',
    kinds: ['drops-table', 'truncates'],
    advice: 'The down files take a table away with every row in it. Export what you need first.',
  },
  {
    scenario: 'type-change',
    kinds: ['changes-type'],
    advice: 'Values are converted back. Compare a sample there and back before approving.',
  },
  {
    scenario: 'column-rename',
    kinds: ['renames-column', 'renames-table'],
    advice: 'Names change back and no value is lost. Code that uses the new name fails at once.',
  },
  {
    scenario: 'not-null',
    kinds: ['drops-not-null'],
    advice: 'Empty values are allowed again. Nothing is lost by that.',
  },
];

/** Which of the four the effects of the down files are, and what else is in them. */
export function scenarioOf(effects: readonly FileEffect[]): ScenarioFound {
  for (const { scenario: name, kinds, advice } of SIGNS) {
    const found = effects.filter((one) => kinds.includes(one.kind));
    const scenario = SCENARIOS.find((one) => one.name === name);
    if (found.length > 0 && scenario !== undefined) {
      const because = found.map((one) => one.say);
      return { state: 'fits', scenario, because, advice: withLosses(advice, effects) };
    }
  }
  return { state: 'none', advice: withLosses(NOT_AMONG_THEM, effects) };
}

/** A rename is safe only as long as nothing beside it is dropped. */
function withLosses(advice: string, effects: readonly FileEffect[]): string {
  const columns = effects.filter((one) => one.kind === 'drops-column').map((one) => one.say);
  const rows = effects.filter((one) => one.kind === 'deletes-rows').map((one) => one.say);
  const hidden = effects.filter((one) => one.kind === 'opaque').map((one) => one.say);
  return [
    advice,
    ...(columns.length + rows.length === 0 ? [] : ['But this is lost:', ...columns, ...rows]),
    ...(hidden.length === 0 ? [] : ['And this cannot be read from the file:', ...hidden]),
  ].join(' ');
}
