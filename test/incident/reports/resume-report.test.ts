import { expect, test } from 'vitest';
import { reportNone, reportResumed } from '../../../src/incident/reports/resume-report.ts';

const web = { service: 'web', ok: true, says: 'Running.', switched: true };
const worker = { service: 'worker', ok: true, says: 'Running.', switched: false };

test('one service in the version before does not prove it of another that has no command', () => {
  const { evidence } = reportResumed('previous', { services: [web, worker], left: [] });

  expect(evidence).toMatchObject([
    {
      item: '9.1',
      verdict: 'found',
      says: 'Running in the version before: web. No command for the version before is configured for worker: whether the version that runs fits the schema is for you to see.',
    },
  ]);
  expect(reportResumed('previous', { services: [web], left: [] }).evidence).toMatchObject([
    { verdict: 'proven' },
  ]);
});

test('where no service ran, nothing is claimed of a version', () => {
  const says = 'No service was running before, so none is started.';

  expect(reportNone('previous', says).evidence).toMatchObject([{ verdict: 'found', says }]);
});
