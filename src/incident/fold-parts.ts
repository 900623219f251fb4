/** How approvals, runs, pages and operations change; each event changes one of them. */
import type { Event } from './events.ts';
import type { Approval, Incident, Operation, Run } from './incident.ts';
import type { PlanHash } from './names.ts';

export type Changes = Partial<Incident>;

type OfType<Type extends Event['type']> = Extract<Event, { type: Type }>;

export function approvalChange(
  incident: Incident,
  happened: OfType<
    | 'approval-given'
    | 'approval-expired'
    | 'approval-returned'
    | 'approvals-voided'
    | 'plan-declined'
  >,
): Changes {
  switch (happened.type) {
    case 'approval-given':
      return {
        approvals: [
          ...incident.approvals,
          {
            ...happened.data,
            by: happened.by.kind === 'person' ? happened.by.person : 'nobody',
            at: happened.at,
            state: 'given',
          },
        ],
        declined: undefined,
        voided: undefined,
      };
    case 'approval-expired':
      return { approvals: ended(incident, happened.data, 'expired') };
    case 'approval-returned':
      return { approvals: ended(incident, happened.data, 'voided') };
    case 'approvals-voided':
      return {
        approvals: withdrawn(incident, happened.data.hash),
        voided: { fields: happened.data.fields, at: happened.at },
        setbacks: [...incident.setbacks, { kind: 'voided', ...happened.data, at: happened.at }],
      };
    case 'plan-declined': {
      const { hash, why } = happened.data;
      const declined = { by: happened.by, hash, why, at: happened.at };
      return {
        approvals: withdrawn(incident, hash),
        declined,
        setbacks: [...incident.setbacks, { kind: 'declined', ...declined }],
      };
    }
  }
}

function ended(
  incident: Incident,
  { role, hash }: Pick<Approval, 'role' | 'hash'>,
  state: Approval['state'],
): readonly Approval[] {
  return incident.approvals.map((one) =>
    one.role === role && one.hash === hash && one.state === 'given' ? { ...one, state } : one,
  );
}

function withdrawn(incident: Incident, hash: PlanHash): readonly Approval[] {
  return incident.approvals.map((one) =>
    one.hash === hash && one.state === 'given' ? { ...one, state: 'voided' as const } : one,
  );
}

export function runChange(
  incident: Incident,
  happened: OfType<'run-started' | 'abort-asked' | 'resume-asked'>,
): Changes {
  switch (happened.type) {
    case 'run-started':
      return {
        runs: [...incident.runs, { ...happened.data, startedAt: happened.at, resumes: [] }],
      };
    case 'abort-asked':
      return {
        abortedAt: happened.at,
        approvals: incident.approvals.map((one) =>
          one.state === 'given' ? { ...one, state: 'voided' as const } : one,
        ),
        runs: lastRun(incident, (run) => ({
          ...run,
          abort: { by: happened.by, at: happened.at, why: happened.data.why },
        })),
      };
    case 'resume-asked':
      return {
        runs: lastRun(incident, (run) => ({
          ...run,
          resumes: [
            ...run.resumes,
            { attempt: happened.data.attempt, version: happened.data.version, by: happened.by },
          ],
        })),
      };
  }
}

function lastRun(incident: Incident, changed: (run: Run) => Run): readonly Run[] {
  return incident.runs.map((run, at) => (at === incident.runs.length - 1 ? changed(run) : run));
}

export function pageChange(
  incident: Incident,
  happened: OfType<'page-asked' | 'page-answered'>,
): Changes {
  if (happened.type === 'page-asked') {
    const { page, role, level, reason } = happened.data;
    const dedupKey = `backout/${incident.id}/${role}/${level}`;
    return {
      pages: [
        ...incident.pages,
        { page, role, level, reason, by: happened.by, at: happened.at, dedupKey, answers: [] },
      ],
    };
  }
  const { dedupKey, what, by } = happened.data;
  return {
    pages: incident.pages.map((one) =>
      one.dedupKey === dedupKey
        ? { ...one, answers: [...one.answers, { what, by, at: happened.at }] }
        : one,
    ),
  };
}

export function operationChange(
  operations: readonly Operation[],
  happened: OfType<'operation-queued' | 'operation-started' | 'operation-lost' | 'operation-ended'>,
): readonly Operation[] {
  if (happened.type === 'operation-queued') {
    const { operation, ...rest } = happened.data;
    return [
      ...operations,
      { ...rest, id: operation, state: 'queued', queuedAt: happened.at, evidence: [] },
    ];
  }
  return operations.map((one) => {
    if (one.id !== happened.data.operation) return one;
    switch (happened.type) {
      case 'operation-started':
        return { ...one, state: 'running', startedAt: happened.at };
      case 'operation-lost':
        return { ...one, state: 'lost', says: happened.data.why };
      case 'operation-ended': {
        const { operation: _id, outcome, ...rest } = happened.data;
        return { ...one, ...rest, state: outcome, endedAt: happened.at };
      }
    }
  });
}
