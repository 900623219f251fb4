/** The tables of the README, as the code says them: `npm run readme` writes them, a test compares them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { commands } from '../../commands/index.ts';
import { jobs } from '../../jobs/index.ts';
import { workOf } from '../../src/incident/flow/work.ts';
import { Environment } from '../../src/config-environment.ts';
import { ConfigFileSchema } from '../../src/config-file.ts';
import { CHECKLIST } from '../../src/incident/checklist/items.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { COMMAND } from '../../src/terminal/verb.ts';
import { WORDS } from '../../src/terminal/words.ts';
import { ROOT } from './sources.ts';

export const README = path.join(ROOT, 'README.md');

const WHO = {
  anyone: 'anyone',
  member: 'every full member',
  team: 'the people of the target, or whoever started',
  approver: 'on-call and DBA',
} as const;

const WHEN_A_WORKER_DIES = {
  safe: 'Another one begins it again.',
  'looks-first': 'Another one looks at the world first, then goes on or says what happened.',
  never: 'It is never begun again: another one looks and says what happened.',
} as const;

const TABLES: Readonly<Record<string, () => string>> = {
  verbs: () =>
    table(
      ['Say', 'Who', 'What it does'],
      commands
        .filter((one) => !one.hidden)
        .map(({ verb, usage, who, help }) => [
          code(`/rollback ${verb} ${usage}`.trim()),
          WHO[who],
          help,
        ]),
    ),
  words: () =>
    table(
      ['Type', 'What it does'],
      WORDS.map(({ word, usage, help }) => [code(`${COMMAND} ${word} ${usage}`.trim()), help]),
    ),
  jobs: () =>
    table(
      ['Job', 'Called', 'At most', 'When its worker dies'],
      jobs.map(({ name, timeoutMs, again }) => [
        code(name),
        workOf({ step: name }).title,
        `${timeoutMs / 60_000} min`,
        WHEN_A_WORKER_DIES[again],
      ]),
    ),
  sections: () =>
    table(
      ['Section', 'Proven by jobs', 'Answered by people'],
      CHECKLIST.map(({ section, title, items }) => [
        `${section}. ${title}`,
        items
          .flatMap(({ id, closedBy }) =>
            closedBy.kind === 'proof'
              ? [
                  `${id} (${closedBy.by.join(', ')}${id === ITEMS.preview ? '; a preview, not a proof' : ''})`,
                ]
              : [],
          )
          .join(', '),
        items.flatMap(({ id, closedBy }) => (closedBy.kind === 'person' ? [id] : [])).join(', '),
      ]),
    ),
  environment: () =>
    table(
      ['Variable', 'Default', 'Meaning'],
      Object.entries(Environment.shape).map(([name, schema]) => [
        code(name),
        sayDefault(schema.safeParse(undefined)),
        schema.description ?? '',
      ]),
    ),
  configuration: () =>
    table(
      ['Key', 'Default', 'Meaning'],
      keysOf(z.toJSONSchema(ConfigFileSchema, { io: 'input' }), '').map(
        ({ key, byDefault, about }) => [code(key), byDefault, about],
      ),
    ),
};

function sayDefault(read: z.ZodSafeParseResult<unknown>): string {
  if (!read.success) return 'needed';
  return read.data === undefined ? '' : code(z.coerce.string().parse(read.data));
}

interface Key {
  readonly key: string;
  readonly byDefault: string;
  readonly about: string;
}

const Node = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).default([]),
});

/** Every key below one, `*` standing for a name of one's own. Keys that take the same are one line. */
function keysOf(schema: unknown, at: string): readonly Key[] {
  const { properties, required, additionalProperties, anyOf } = Node.parse(schema);
  const alike = Map.groupBy(Object.keys(properties), (name) =>
    JSON.stringify([properties[name], required.includes(name)]),
  );
  const named = [...alike.values()].flatMap((names) => {
    const [first = ''] = names;
    const key = at === '' ? names.join('|') : `${at}.${names.join('|')}`;
    const { description: about = '', default: byDefault } = Node.parse(properties[first]);
    const said = required.includes(first) ? 'needed' : defaultOf(byDefault);
    const below = keysOf(properties[first], key);
    return about === '' && below.length > 0 ? below : [{ key, byDefault: said, about }, ...below];
  });
  const any =
    typeof additionalProperties === 'object' ? keysOf(additionalProperties, `${at}.*`) : [];
  const either = anyOf
    .flatMap((part) => keysOf(part, at))
    .map((one) => ({ ...one, byDefault: 'either' }));
  return [...named, ...any, ...either];
}

function defaultOf(value: unknown): string {
  const text = JSON.stringify(value) ?? '{}';
  return ['{}', '[]', '{"invalidate":[]}'].includes(text) ? '' : code(text.replaceAll('"', ''));
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The same text, with every table between its marks as the code says it. */
export function withTables(text: string): string {
  return Object.entries(TABLES).reduce((written, [name, rows]) => {
    const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!place.test(written)) throw new Error(`README.md has no place for ${name}`);
    return written.replace(
      place,
      (_whole, begin: string, end: string) => `${begin}${rows()}\n${end}`,
    );
  }, text);
}

if (import.meta.main) writeFileSync(README, withTables(readFileSync(README, 'utf8')));
