import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { README, withTables } from './support/readme.ts';
import { ROOT, sourcesIn, testNamesIn } from './support/sources.ts';

const readme = readFileSync(README, 'utf8');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));

test('its tables are what the code says', () => {
  expect(readme, 'run `npm run readme`').toBe(withTables(readme));
});

test('every promise names a test that there is', () => {
  const promised = [...readme.matchAll(/\*([^*\n]+)\* \(`(test\/[^`]+\.test\.ts)`\)/g)];
  expect(promised.length).toBeGreaterThan(15);
  const missing = promised.filter(
    ([, name = '', file = '']) => !sourcesIn(file).flatMap(testNamesIn).includes(name),
  );
  expect(missing.map(([whole]) => whole)).toEqual([]);
});

test('every script that it tells to run is there', () => {
  const told = [...readme.matchAll(/(?:`|^ *)npm (?:run )?([a-z][a-z:-]*)/gm)].map(
    ([, name = '']) => name,
  );
  const known = [...Object.keys(scripts), 'ci', 'install'];
  expect(told.filter((name) => !known.includes(name))).toEqual([]);
});

test('every file that it points to is there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, file = '']) => file);
  expect(links.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test('its sections are the ones that it links to', () => {
  const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});
