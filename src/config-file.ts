/** The shape of backout.yaml. The published JSON schema and the example are checked against this. */
import { z } from 'zod';

const CommandLine = z
  .tuple([z.string().min(1)], z.string())
  .describe(
    'A program and its arguments. Not a shell line; `$NAME` is filled in from the environment.',
  );

const EnvName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'expected the name of an environment variable, never the secret itself',
  );

const Page = z
  .union([z.strictObject({ pagerduty_key_env: EnvName }), z.strictObject({ webhook_env: EnvName })])
  .describe('How somebody is called outside Slack.');

const SlackId = z
  .string()
  .regex(/^[UW][A-Z0-9]+$/, 'expected a Slack member id, for example U0ANNA');

const Person = z
  .strictObject({
    name: z.string().min(1).optional(),
    slack: z
      .union([SlackId, z.array(SlackId)])
      .default([])
      .transform((ids) => (typeof ids === 'string' ? [ids] : ids))
      .describe('Every Slack account of this human.'),
    os_user: z.string().min(1).optional(),
    page: Page.optional(),
  })
  .describe('One human, with all their names.');

const Commands = z.strictObject({
  stop: CommandLine,
  start: CommandLine,
  status: CommandLine.describe('Exits 0 running, 3 stopped, anything else unknown.'),
  previous: CommandLine.optional().describe(
    'Makes the version before this one the one that starts.',
  ),
});

const Service = z
  .strictObject({
    commands: Commands.optional(),
    kubernetes: z.unknown().optional(),
    application_names: z.array(z.string().min(1)).default([]),
    endpoints: z.array(z.string().min(1)).default([]),
    caches: z.strictObject({ invalidate: z.array(CommandLine) }).default({ invalidate: [] }),
    health: z.url({ protocol: /^https?$/, error: 'expected an http(s) address' }).optional(),
    smoke: CommandLine.optional(),
  })
  .transform((service, context) => {
    const { commands, kubernetes, ...rest } = service;
    if (commands !== undefined && kubernetes === undefined) return { ...rest, commands };
    context.addIssue(
      kubernetes === undefined
        ? 'expected `commands` with stop, start and status'
        : '`kubernetes` is not in this version yet: give `commands` with stop, start and status instead',
    );
    return z.NEVER;
  });

const Role = z.strictObject({
  people: z
    .array(z.string().min(1))
    .describe('Keys of `people`. Empty means nobody: it refuses, it never allows.'),
  page: Page.optional(),
});

const Minutes = z.number().positive().max(10_080);

const Policy = z.strictObject({
  approval_ttl_minutes: Minutes.default(30),
  lock_timeout_ms: z.number().int().min(1).default(5_000),
  statement_timeout_ms: z.number().int().min(1).default(600_000),
  start: z.enum(['on_approval', 'by_hand']).default('on_approval'),
  require: z.array(z.enum(['backup', 'rehearsal'])).default(['backup']),
  approval_page_minutes: Minutes.default(10),
  archive_after_minutes: z.number().min(0).max(525_600).default(1_440),
});

const Target = z.strictObject({
  database_url_env: EnvName,
  rehearsal_url_env: EnvName.optional(),
  environment: z.string().min(1),
  private: z.boolean().default(false).describe('Incidents of this target get a private channel.'),
  migrations: z.strictObject({
    tool: z.enum(['golang-migrate', 'built-in']).default('golang-migrate'),
    path: z.string().min(1),
  }),
  services: z.record(z.string(), Service).default({}),
  maintenance: z.strictObject({ on: CommandLine, off: CommandLine }).optional(),
  validation: z.string().min(1).optional(),
  roles: z
    .strictObject({
      on_call: Role.optional(),
      dba: Role.optional(),
      platform_lead: Role.optional(),
    })
    .default({}),
  policy: Policy.prefault({}),
});

const TargetName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'expected lower-case letters, digits, - and _, at most 40');

export const ConfigFileSchema = z
  .strictObject({
    home_channel: z
      .string()
      .regex(/^[CG][A-Z0-9]+$/, 'expected a channel id, for example C0INCIDENTS')
      .optional(),
    people: z.record(z.string().min(1), Person).default({}),
    targets: z
      .record(TargetName, Target)
      .refine((targets) => Object.keys(targets).length > 0, 'expected at least one target'),
  })
  .superRefine((file, context) => {
    for (const problem of [...namesUsedTwice(file.people), ...unknownPeople(file)]) {
      context.addIssue({ code: 'custom', message: problem.say, path: [...problem.path] });
    }
  });
export type ConfigFile = z.infer<typeof ConfigFileSchema>;

interface Problem {
  readonly path: readonly string[];
  readonly say: string;
}

/** Two people with one account could turn both keys: one human is one entry. */
function namesUsedTwice(people: ConfigFile['people']): readonly Problem[] {
  const owner = new Map<string, string>();
  return Object.entries(people).flatMap(([id, person]) => {
    const names = [
      ...person.slack,
      ...(person.os_user === undefined ? [] : [`os_user ${person.os_user}`]),
    ];
    return names.flatMap((name) => {
      const other = owner.get(name);
      owner.set(name, id);
      return other === undefined || other === id
        ? []
        : [
            {
              path: ['people', id],
              say: `${name} belongs to ${other} already: one human is one entry`,
            },
          ];
    });
  });
}

function unknownPeople(file: Pick<ConfigFile, 'people' | 'targets'>): readonly Problem[] {
  return Object.entries(file.targets).flatMap(([target, { roles }]) =>
    Object.entries(roles).flatMap(([role, given]) =>
      (given?.people ?? [])
        .filter((id) => !(id in file.people))
        .map((id) => ({
          path: ['targets', target, 'roles', role, 'people'],
          say: `${id} is not listed under \`people\``,
        })),
    ),
  );
}
