import type { JobContext } from '../../src/define-job.ts';
import type { Target } from '../../src/incident/target.ts';
import { aStory } from '../support/incidents.ts';

/** What a job is given beside its doors, without a store behind it. */
export function aContext(target: Target): JobContext {
  return {
    incident: aStory({ target }).incident,
    target,
    operation: 'INC-1/op-2',
    applicationName: 'backout/INC-1/op-2',
    signal: new AbortController().signal,
    now: () => new Date(),
    progress: () => undefined,
    say: () => undefined,
    record: async () => undefined,
    recorded: null,
    fingerprints: {
      keep: async () => undefined,
      recall: async () => null,
      seenFor: async () => [],
    },
  };
}
