import { afterAll, beforeAll, expect, test } from 'vitest';
import { rememberVersions } from '../../src/store/seen-versions.ts';
import { aTarget } from '../support/targets.ts';
import type { Office } from './support/office.ts';
import { openOffice, TALK } from './support/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice({ targets: [aTarget(), aTarget({ name: 'billing' })] });
  const by = { kind: 'system', part: 'test' } as const;
  for (const target of ['auth', 'billing']) {
    const applied = ['8', '7'].map((version) => ({ version, name: `${target}_${version}` }));
    await office.store.transaction((tx) =>
      rememberVersions(tx, { target, applied, at: new Date(), by }),
    );
  }
});
afterAll(() => office.close());

test('a version chosen for one target is asked again when another target is chosen', async () => {
  const { slack } = office;
  const pat = slack.as('U0PAT');
  await pat.command(TALK, '/rollback', 'start invoices are not "written"');
  const form = await slack.until(() => slack.view('U0PAT'));
  const drawn = (): string => JSON.stringify(slack.view('U0PAT')?.blocks);
  expect(drawn()).toContain(String.raw`invoices are not \"written\"`);

  await pat.clickView(form.id, 'start:target', { value: 'auth' });
  await slack.until(() => drawn().includes('auth_7'));
  await pat.clickView(form.id, 'start:suspectedVersion', { value: 'auth/7' });
  const redrawn = (): number => slack.calls().filter((one) => one.method === 'views.update').length;
  await slack.until(() => redrawn() === 2);
  await pat.clickView(form.id, 'start:target', { value: 'billing' });
  await slack.until(() => drawn().includes('billing_7'));

  expect(await pat.submit(form.id)).toMatchObject({ saw: 'closed' });
  expect(await office.newest()).toMatchObject({
    target: 'billing',
    sentence: 'invoices are not "written"',
  });
  expect((await office.newest()).details).toEqual({});
});
