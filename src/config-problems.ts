/** Everything that is wrong with backout.yaml, each with where it is and what was expected. No value is ever shown. */
import { z } from 'zod';
import type { ConfigFile } from './config-file.ts';
import { Person, PersonKey, Target, TargetName, VARIABLE_NAME } from './config-file.ts';
import { Fault } from './doors.ts';
import { parseDatabaseUrl } from './programs/database-url.ts';
import { variableIn } from './services/arguments.ts';

/** `targets.auth.roles.dba.people: expected a list; it is missing` */
export function sayIssues(error: z.ZodError): readonly string[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => at([...issue.path, key], 'there is no such key'))
      : [at(issue.path, sayIssue(issue))],
  );
}

function at(path: readonly PropertyKey[], say: string): string {
  return path.length === 0 ? say : `${path.map(String).join('.')}: ${say}`;
}

const NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  object: 'a mapping',
  record: 'a mapping',
  string: 'text',
};

function sayIssue(issue: z.core.$ZodIssue): string {
  const isOurs = !/^(?:Invalid|Too|Unrecognized) /.test(issue.message);
  if (isOurs) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `expected ${NAMES[issue.expected] ?? issue.expected}`;
      return issue.message.endsWith('received undefined') ? `${expected}; it is missing` : expected;
    }
    case 'invalid_key':
      return issue.issues.map((one) => one.message).join(', ');
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? 'expected some text; it is empty'
        : `expected ${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const NAMED = [
  { part: 'people', name: PersonKey, shape: Person },
  { part: 'targets', name: TargetName, shape: Target },
] as const;

/** What is wrong inside an entry whose own name is wrong: the shape of the file looks no further there. */
export function misnamedProblems(raw: unknown): readonly string[] {
  return NAMED.flatMap(({ part, name, shape }) =>
    Object.entries(Parts.parse(raw)[part])
      .filter(([key]) => !name.safeParse(key).success)
      .flatMap(([key, value]) => {
        const read = shape.safeParse(value);
        return read.success ? [] : sayIssues(read.error).map((say) => `${part}.${key}.${say}`);
      }),
  );
}

const Part = z.record(z.string(), z.unknown()).catch({});
const Parts = z
  .object({ people: Part, targets: Part })
  .partial()
  .transform(({ people = {}, targets = {} }) => ({ people, targets }))
  .catch({ people: {}, targets: {} });

/** What can be read of people even when other parts are wrong, so that all problems are named in one go. */
const Names = z.array(z.string()).catch([]);
const Loose = z
  .object({
    people: z
      .record(
        z.string(),
        z
          .object({
            slack: z.union([z.string().transform((id) => [id]), Names]).catch([]),
            os_user: z.string().optional().catch(undefined),
          })
          .catch({ slack: [] }),
      )
      .catch({}),
    targets: z
      .record(
        z.string(),
        z
          .object({
            roles: z
              .record(z.string(), z.object({ people: Names }).catch({ people: [] }))
              .catch({}),
          })
          .catch({ roles: {} }),
      )
      .catch({}),
  })
  .catch({ people: {}, targets: {} });
type Loose = z.infer<typeof Loose>;

export function peopleProblems(raw: unknown): readonly string[] {
  const file = Loose.parse(raw);
  return [...namesUsedTwice(file), ...unknownPeople(file)];
}

/** Two people with one account could turn both keys: one human is one entry. */
function namesUsedTwice({ people }: Loose): readonly string[] {
  const owners = new Map<string, string>();
  return Object.entries(people).flatMap(([id, { slack, os_user: osUser }]) => {
    const names = [
      ...slack.map((name) => ({ key: 'slack', name })),
      ...(osUser === undefined ? [] : [{ key: 'os_user', name: osUser }]),
    ];
    return names.flatMap(({ key, name }) => {
      const owner = owners.get(`${key} ${name}`) ?? id;
      owners.set(`${key} ${name}`, owner);
      const say = `${name} belongs to ${owner} already; expected one entry for each human`;
      return owner === id ? [] : [at(['people', id, key], say)];
    });
  });
}

function unknownPeople({ people, targets }: Loose): readonly string[] {
  return Object.entries(targets).flatMap(([target, { roles }]) =>
    Object.entries(roles).flatMap(([role, listed]) =>
      listed.people
        .filter((id) => !Object.hasOwn(people, id))
        .map((id) =>
          at(
            ['targets', target, 'roles', role, 'people'],
            `${id} is not listed; expected keys of \`people\``,
          ),
        ),
    ),
  );
}

interface Named {
  readonly variable: string;
  readonly where: readonly string[];
  readonly expected: string;
  readonly fits: RegExp;
  /** What else is wrong with a value that fits, never repeating it. */
  readonly faultIn?: (value: string) => string | null;
}

const SECRETS: Readonly<Record<string, Pick<Named, 'expected' | 'fits' | 'faultIn'>>> = {
  database_url_env: {
    expected: 'postgres://user:password@host:5432/database',
    fits: /^\S+$/,
    faultIn: databaseUrlFault,
  },
  pagerduty_key_env: { expected: 'a PagerDuty integration key', fits: /^\S+$/ },
  webhook_env: { expected: 'an http(s) address', fits: /^https?:\/\/[^/]+/ },
};
const ARGUMENT = { expected: 'a value', fits: /./s };

/** What is allowed and worth knowing. */
export function warningsOf(file: ConfigFile): readonly string[] {
  return Object.entries(file.targets).flatMap(([name, target]) => [
    ...(target.policy.require.includes('rehearsal')
      ? [
          `targets.${name}.policy.require: this version cannot rehearse; plans say so and show a preview instead`,
        ]
      : []),
    ...(target.rehearsal_url_env === undefined
      ? []
      : [`targets.${name}.rehearsal_url_env: this version cannot rehearse; it is not used`]),
    ...(['on_call', 'dba'] as const)
      .filter((role) => (target.roles[role]?.people.length ?? 0) === 0)
      .map((role) => `targets.${name}.roles.${role}: nobody is listed, so nothing can be approved`),
    ...bothKeysWithOne(target).map(
      (id) =>
        `targets.${name}.roles: only ${id} is on_call and dba; two different people have to approve, so nothing can be approved`,
    ),
  ]);
}

/** The one person who alone holds both keys. */
function bothKeysWithOne({ roles }: ConfigFile['targets'][string]): readonly string[] {
  const onCall = roles.on_call?.people ?? [];
  const dba = roles.dba?.people ?? [];
  const all = new Set([...onCall, ...dba]);
  return onCall.length > 0 && dba.length > 0 && all.size === 1 ? [...all] : [];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Without its address no database can be worked on; what is set has to fit. */
export function variableProblems(raw: unknown, environment: Environment): readonly string[] {
  return namedIn(raw, []).flatMap(({ variable, where, expected, fits, faultIn }) => {
    const value = environment[variable];
    const isNeeded = where.at(-1) === 'database_url_env';
    const fault = value === undefined ? null : (faultIn?.(value) ?? null);
    if (value === undefined ? !isNeeded : fits.test(value) && fault === null) return [];
    const missing = value === undefined ? '; it is missing' : '';
    const more = fault === null ? '' : `. ${fault}`;
    return [`environment ${variable} (${where.join('.')}): expected ${expected}${missing}${more}`];
  });
}

function databaseUrlFault(url: string): string | null {
  try {
    parseDatabaseUrl(url);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.say;
    throw error;
  }
}

/** A rollback goes on without a pager or a cache's address: it is said at the start, and again where it is missed. */
export function variableWarnings(raw: unknown, environment: Environment): readonly string[] {
  return namedIn(raw, [])
    .filter(({ variable, where }) => {
      return environment[variable] === undefined && where.at(-1) !== 'database_url_env';
    })
    .map(
      ({ variable, where, expected }) =>
        `environment ${variable} (${where.join('.')}): expected ${expected}; it is missing, and what needs it will fail`,
    );
}

function namedIn(raw: unknown, where: readonly string[]): readonly Named[] {
  if (typeof raw === 'string') return namedBy(raw, where);
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.entries(raw).flatMap(([key, value]) => namedIn(value, [...where, key]));
}

/** What is no name was refused by the file's shape, and may be the secret itself. */
function namedBy(text: string, where: readonly string[]): readonly Named[] {
  const secret = SECRETS[where.at(-1) ?? ''];
  if (secret !== undefined) {
    return VARIABLE_NAME.test(text) ? [{ variable: text, where, ...secret }] : [];
  }
  const isArgument = /^\d+$/.test(where.at(-1) ?? '') && !where.includes('roles');
  const variable = isArgument ? variableIn(text) : undefined;
  return variable === undefined ? [] : [{ variable, where: where.slice(0, -1), ...ARGUMENT }];
}
