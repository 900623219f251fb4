/** Every item of the rollback safety checklist, as data. What it takes to tick one is said beside it. */
import type { KnownItem } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { JobName } from '../facts/results.ts';

/** A job, or the invitations into the incident's channel. */
type Prover = JobName | 'invitations';

export interface ChecklistItem {
  readonly id: KnownItem;
  /** As the checklist has it. */
  readonly words: string;
  /** `proof`: these prove or refute it; people are asked only where they cannot. `person`: somebody has to say so. */
  readonly closedBy:
    | { readonly kind: 'proof'; readonly by: readonly Prover[]; readonly ask: string }
    | { readonly kind: 'person'; readonly ask: string };
  /** Whether "does not apply" can be an answer. */
  readonly mayNotApply: boolean;
}

export interface ChecklistSection {
  readonly section: number;
  readonly title: string;
  readonly part:
    | 'Pre-Rollback Assessment'
    | 'Rollback Execution'
    | 'Post-Rollback Verification'
    | 'Recovery Actions';
  readonly items: readonly ChecklistItem[];
}

type Traits = 'always' | 'if-any';

/** Asked where no job can prove it, as things are. */
const ASKS_INSTEAD: Partial<Readonly<Record<KnownItem, string>>> = {
  [ITEMS.causingVersion]: 'The database names no version. Which migration was it?',
  [ITEMS.services]: 'Not everybody who is connected can be seen. Which services use this database?',
  [ITEMS.notify]: 'There is no channel with the team in it. Who was told, and where?',
  [ITEMS.scaledDown]: 'Their connections look like others. How do you know that none is left?',
  [ITEMS.previousVersion]: 'Which version runs now, and does it fit the schema?',
  [ITEMS.contacts]: 'Who was called by hand, and did they answer?',
};

function proven(
  id: KnownItem,
  words: string,
  by: readonly Prover[],
  applies: Traits = 'always',
): ChecklistItem {
  const ask = ASKS_INSTEAD[id] ?? 'Backout could not prove it. What did you find, and how?';
  return { id, words, closedBy: { kind: 'proof', by, ask }, mayNotApply: applies === 'if-any' };
}

function asked(
  id: KnownItem,
  words: string,
  ask: string,
  applies: Traits = 'always',
): ChecklistItem {
  return { id, words, closedBy: { kind: 'person', ask }, mayNotApply: applies === 'if-any' };
}

const ASSESSMENT: readonly ChecklistSection[] = [
  {
    section: 1,
    title: 'Identify the Issue',
    part: 'Pre-Rollback Assessment',
    items: [
      asked(
        ITEMS.error,
        'Document the specific error or issue requiring rollback',
        'Which error, seen where, since when?',
      ),
      proven(ITEMS.causingVersion, 'Identify which migration version caused the problem', [
        'assess',
      ]),
      asked(ITEMS.impact, 'Determine the impact on users and services', 'Who notices what?'),
      asked(
        ITEMS.fixForward,
        'Check if the issue can be fixed without rollback',
        'Why not fix forward: a view, a default, a dropped constraint, a new release?',
      ),
    ],
  },
  {
    section: 2,
    title: 'Assess Data Changes',
    part: 'Pre-Rollback Assessment',
    items: [
      asked(
        ITEMS.dataModified,
        'Review what data was modified by the migration',
        'Which rows did the up migration write, and which did the new code write since?',
      ),
      asked(
        ITEMS.dataLost,
        'Check for any data that would be lost in rollback',
        'Read the down files: what do they drop, and can you do without it?',
      ),
      asked(
        ITEMS.dependentData,
        'Identify dependent data in other tables',
        'Which other tables refer to what the down files change?',
        'if-any',
      ),
      asked(
        ITEMS.exportNeeded,
        'Determine if data needs to be exported first',
        'Name tables or queries with `/rollback back-up`, or say that nothing is needed.',
        'if-any',
      ),
    ],
  },
  {
    section: 3,
    title: 'Service Dependencies',
    part: 'Pre-Rollback Assessment',
    items: [
      proven(ITEMS.services, 'List all services using the affected schema', ['assess']),
      asked(
        ITEMS.caches,
        'Check for cached data that needs invalidation',
        'Which caches hold rows in the shape that is going away?',
        'if-any',
      ),
      asked(
        ITEMS.endpoints,
        'Identify API endpoints that will be affected',
        'Which endpoints will fail or answer differently, and who calls them?',
        'if-any',
      ),
      asked(
        ITEMS.scheduledJobs,
        'Review any scheduled jobs or background tasks',
        'What else writes by the clock: cron, queues, other hosts?',
        'if-any',
      ),
    ],
  },
];

const EXECUTION: readonly ChecklistSection[] = [
  {
    section: 4,
    title: 'Preparation Steps',
    part: 'Rollback Execution',
    items: [
      proven(ITEMS.backup, 'Create a backup before rollback', ['back-up']),
      proven(ITEMS.export, 'Export any critical data that might be lost', ['back-up'], 'if-any'),
      proven(ITEMS.currentVersion, 'Check current migration version', ['assess']),
    ],
  },
  {
    section: 5,
    title: 'Service Coordination',
    part: 'Rollback Execution',
    items: [
      proven(ITEMS.notify, 'Notify team members of impending rollback', ['invitations']),
      proven(
        ITEMS.maintenance,
        'Put services in maintenance mode if needed',
        ['set-maintenance'],
        'if-any',
      ),
      proven(ITEMS.workersStopped, 'Stop background workers and scheduled jobs', ['pause-writers']),
      proven(ITEMS.scaledDown, 'Scale down services to prevent new connections', ['pause-writers']),
    ],
  },
  {
    section: 6,
    title: 'Execute Rollback',
    part: 'Rollback Execution',
    items: [
      proven(ITEMS.preview, 'Dry run (if your migration tool supports it)', ['assess']),
      proven(ITEMS.down, 'Actual rollback', ['run-down']),
      proven(ITEMS.verification, 'Verify rollback', ['verify']),
    ],
  },
  {
    section: 7,
    title: 'Data Recovery (if needed)',
    part: 'Rollback Execution',
    items: [
      asked(
        ITEMS.restoreData,
        'Restore specific data',
        'What has to go back into the tables, and did every row arrive?',
        'if-any',
      ),
    ],
  },
];

const VERIFICATION: readonly ChecklistSection[] = [
  {
    section: 8,
    title: 'Database Verification',
    part: 'Post-Rollback Verification',
    items: [
      proven(ITEMS.validation, 'Run validation script', ['verify'], 'if-any'),
      proven(ITEMS.leftovers, 'Check for orphaned data', ['verify']),
      proven(ITEMS.constraints, 'Verify constraints', ['verify']),
    ],
  },
  {
    section: 9,
    title: 'Application Testing',
    part: 'Post-Rollback Verification',
    items: [
      proven(ITEMS.previousVersion, 'Deploy previous version of application code', [
        'resume-services',
      ]),
      proven(ITEMS.health, 'Run health checks on all services', ['check-services'], 'if-any'),
      proven(ITEMS.smoke, 'Execute smoke tests for critical paths', ['check-services'], 'if-any'),
      asked(
        ITEMS.errorLogs,
        'Monitor error logs for issues',
        'Where did you look, for how long, and what was there?',
      ),
    ],
  },
  {
    section: 10,
    title: 'Performance Check',
    part: 'Post-Rollback Verification',
    items: [
      proven(ITEMS.slowQueries, 'Check for slow queries', ['check-performance'], 'if-any'),
      proven(ITEMS.indexes, 'Verify indexes are being used', ['check-performance'], 'if-any'),
    ],
  },
];

const RECOVERY: readonly ChecklistSection[] = [
  {
    section: 11,
    title: 'If Rollback Fails',
    part: 'Recovery Actions',
    items: [
      proven(ITEMS.dirtyState, 'Check for Dirty State', ['assess', 'run-down', 'verify']),
      asked(
        ITEMS.manualRecovery,
        'Manual Recovery Options',
        'Which way out was taken: force, restore, or SQL by hand? Who watched?',
        'if-any',
      ),
      proven(ITEMS.contacts, 'Emergency Contacts', ['page'], 'if-any'),
    ],
  },
  {
    section: 12,
    title: 'Post-Incident Actions',
    part: 'Recovery Actions',
    items: [
      asked(ITEMS.whatWentWrong, 'Document what went wrong', 'Why did the migration fail people?'),
      asked(
        ITEMS.migrationTests,
        'Update migration tests to catch similar issues',
        'Which test would have caught it? Who adds it?',
        'if-any',
      ),
      asked(ITEMS.procedures, 'Review and improve rollback procedures', 'What was slow?', 'if-any'),
      asked(ITEMS.postMortem, 'Schedule post-mortem meeting', 'When, and who comes?', 'if-any'),
      asked(
        ITEMS.monitoring,
        'Update monitoring to detect similar issues',
        'Which alarm would have rung earlier?',
        'if-any',
      ),
    ],
  },
];

/** The twelve sections. */
export const CHECKLIST: readonly ChecklistSection[] = [
  ...ASSESSMENT,
  ...EXECUTION,
  ...VERIFICATION,
  ...RECOVERY,
];
