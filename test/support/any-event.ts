/** Any history that the types allow, sensible or not, with the worst that people and tools can write. */
import fc from 'fast-check';
import type { Event, NewEvent } from '../../src/incident/events.ts';
import { event } from '../../src/incident/events.ts';
import type { OperationId } from '../../src/incident/names.ts';
import { hashPlan, sha256 } from '../../src/incident/plan/plan.ts';
import type { Plan } from '../../src/incident/plan/plan.ts';
import { plausibleResult, anIncident } from './incidents.ts';

const STEPS = [
  'assess',
  'back-up',
  'maintenance-on',
  'pause-writers',
  'run-down',
  'verify',
  'resume-services',
  'check-services',
  'check-performance',
  'maintenance-off',
  'page-1',
] as const;

/** Text that wants to ring, to break out of a fence, to be a token, or to be too long. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '<!channel> <!here|x> <@U0EVIL> <https://evil.example|click>',
    '```\n<!everyone>\n```',
    '{person:anna} {time:2026-11-22T03:00:00Z} {time:never} {person:}',
    '&lt;!channel&gt; & < >',
    '\\`*_~',
    '$& $1 ${HOME} {database}',
    '<'.repeat(600),
    '&'.repeat(600),
    '𝄞'.repeat(300),
    `a${' b'.repeat(299)}`,
    ' ',
  ),
);

const operationId: fc.Arbitrary<OperationId> = fc
  .integer({ min: 1, max: 14 })
  .map((one): OperationId => `INC-1/op-${one}`);
const person = fc.constantFrom('anna', 'ben', 'dora', 'slack:U0STRANGE', 'nobody-we-know');
const role = fc.constantFrom('on_call', 'dba' as const);
const round = fc.integer({ min: 1, max: 3 });
const item = fc.constantFrom('1.1', '1.3', '2.1', '4.1', '5.3', '6.2', '9.4', '11.1', '12.1');
const moment = fc.constant('2026-11-22T03:30:00.000Z');
const incident = anIncident();

const plan: fc.Arbitrary<Plan> = fc
  .record({
    file: nastyText,
    to: fc.constantFrom('7', '6', null),
    many: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ file, to, many }) => ({
    systemIdentifier: '7300000000000000001',
    database: file,
    from: '8',
    to,
    files: Array.from({ length: many }, (_one, index) => ({
      version: String(8 - (index % 8)),
      file,
      sha256: index % 3 === 0 ? null : sha256(file),
    })),
    nothingToUndo: [],
    backupManifest: null,
    services: [file],
    policy: {
      tool: 'golang-migrate',
      approvalTtlMinutes: 30,
      lockTimeoutMs: 5000,
      statementTimeoutMs: 60_000,
      start: 'on_approval',
      require: ['backup'],
    },
  }));

const evidence = fc.record({
  item,
  verdict: fc.constantFrom('proven', 'not-applicable', 'found', 'refuted' as const),
  says: nastyText.map((one) => one.slice(0, 600)),
  digest: fc.constant(sha256('x')),
});

const operationEnded = fc
  .record({
    operation: operationId,
    outcome: fc.constantFrom('succeeded', 'failed', 'stopped' as const),
    says: nastyText,
    foundOut: fc.boolean(),
    evidence: fc.array(evidence, { maxLength: 8 }),
    tail: nastyText,
    step: fc.constantFrom(...STEPS),
  })
  .map(({ step, ...ended }) => {
    const result = plausibleResult(step, ended.outcome, incident);
    return event('operation-ended', { ...ended, ...(result === undefined ? {} : { result }) });
  });

const hashed = plan.map((one) => ({ plan: one, hash: hashPlan(one) }));

const newEvent: fc.Arbitrary<NewEvent> = fc.oneof(
  { arbitrary: operationEnded, weight: 4 },
  {
    arbitrary: fc
      .tuple(operationId, fc.constantFrom(...STEPS), round)
      .map(([operation, step, ofRound]) =>
        event('operation-queued', {
          operation,
          key: `${operation}/${step}`,
          job: step,
          step,
          round: ofRound,
          attempt: 1,
        }),
      ),
    weight: 5,
  },
  {
    arbitrary: operationId.map((operation) =>
      event('operation-started', { operation, worker: 'w', try: 1 }),
    ),
    weight: 3,
  },
  fc
    .tuple(operationId, nastyText)
    .map(([operation, why]) => event('operation-lost', { operation, why })),
  { arbitrary: hashed.map((one) => event('plan-made', one)), weight: 3 },
  {
    arbitrary: fc
      .tuple(role, hashed)
      .map(([as, { hash }]) =>
        event('approval-given', { role: as, hash, expiresAt: '2026-11-22T03:30:00.000Z' }),
      ),
    weight: 2,
  },
  fc.tuple(role, hashed).map(([as, { hash }]) => event('approval-expired', { role: as, hash })),
  fc
    .tuple(hashed, fc.array(nastyText, { maxLength: 9 }))
    .map(([{ hash }, fields]) => event('approvals-voided', { hash, fields })),
  fc
    .tuple(hashed, role, nastyText)
    .map(([{ hash }, as, why]) => event('plan-declined', { hash, role: as, why })),
  fc
    .tuple(item, fc.constantFrom('done', 'not-applicable', 'open' as const), nastyText)
    .map(([of, answer, note]) => event('item-answered', { item: of, answer, note })),
  fc
    .tuple(round, hashed, person)
    .map(([of, { hash }, by]) => event('run-started', { round: of, hash, approvers: [by, by] })),
  nastyText.map((why) => event('abort-asked', { why })),
  round.map((of) => event('resume-asked', { round: of, attempt: of + 1, version: 'same' })),
  fc
    .tuple(fc.constantFrom('dba', 'platform_lead' as const), nastyText)
    .map(([as, reason]) => event('page-asked', { page: 1, role: as, level: 1, reason })),
  nastyText.map((by) =>
    event('page-answered', { dedupKey: 'backout/INC-1/dba/1', what: 'acknowledged', by }),
  ),
  nastyText.map((sentence) => event('details-edited', { sentence, impact: sentence })),
  nastyText.map((name) => event('channel-opened', { channel: 'C0INC1', name })),
  nastyText.map((why) => event('channel-failed', { why })),
  nastyText.map((text) => event('note-added', { text })),
  fc.constant(event('channel-archived', { channel: 'C0INC1' })),
  fc
    .tuple(nastyText, moment)
    .map(([reason, archiveAt]) =>
      event('incident-closed', { outcome: 'abandoned', reason, archiveAt }),
    ),
);

/** Begins with an opening, so that there is always an incident. */
export const anyHistory: fc.Arbitrary<readonly Event[]> = fc
  .tuple(
    nastyText.map((sentence) =>
      event('incident-opened', { incident: 'INC-1', target: 'auth', sentence, details: {} }),
    ),
    fc.array(newEvent, { maxLength: 40 }),
    fc.array(person, { minLength: 41, maxLength: 41 }),
  )
  .map(([opened, others, people]) =>
    [opened, ...others].filter(isFirstOfItsId).map((one, index) => ({
      ...one,
      stream: 'INC-1',
      seq: index + 1,
      by: { kind: 'person', person: people[index] ?? 'anna' } as const,
      at: new Date(Date.parse('2026-11-22T03:00:00.000Z') + index * 1000).toISOString(),
    })),
  );

/** The store numbers operations: no id is given out twice. */
function isFirstOfItsId(one: NewEvent, index: number, all: readonly NewEvent[]): boolean {
  if (one.type !== 'operation-queued') return true;
  const { operation } = one.data;
  return !all
    .slice(0, index)
    .some((other) => other.type === 'operation-queued' && other.data.operation === operation);
}
