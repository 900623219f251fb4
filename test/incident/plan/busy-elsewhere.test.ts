import { expect, test } from 'vitest';
import { notBusyElsewhere } from '../../../src/incident/plan/gates.ts';
import { IncidentId } from '../../../src/incident/names.ts';
import { aStoryAt } from '../../support/incidents.ts';
import type { Stage } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

const own = aTarget();
const billing = aTarget({ name: 'billing' });

/** What is answered for a plan of `auth` while an incident of `billing` is at this stage. */
function gate(stage: Stage, over: { readonly database?: string } = {}) {
  const incident = aStoryAt('planned').incident;
  const plan = incident.plan?.plan;
  if (plan === undefined) throw new Error('No plan.');
  const other = { ...aStoryAt(stage).incident, id: IncidentId.parse('INC-77'), target: 'billing' };
  return notBusyElsewhere({
    incident,
    target: own,
    plan: { ...plan, ...over },
    open: [other, incident],
    targets: [own, billing],
  });
}

test('while another incident changes the same database, no service is stopped for a second one', () => {
  expect(gate('running')).toMatchObject({
    code: 'database-busy',
    say: 'The same database is being changed by INC-77 (billing) at this moment. No service of auth was stopped.',
  });
  expect(gate('rolled-back')).toMatchObject({ code: 'database-busy' });
});

test('another database, a plan alone and a run that is over stand in nobody’s way', () => {
  expect(gate('running', { database: 'another' })).toBeNull();
  expect(gate('planned')).toBeNull();
  expect(gate('done')).toBeNull();
});
