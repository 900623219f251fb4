/** The shape of backout.yaml. The published JSON schema and the README's table are made from it. */
import { z } from 'zod';

const CommandLine = z
  .tuple(
    [z.string({ error: 'expected a program, and its arguments after it' }).min(1)],
    z.string({ error: 'expected text; put quotes around it' }),
    { error: 'expected a list: a program and its arguments' },
  )
  .describe(
    'A program and its arguments. Not a shell line; `$NAME` alone, or after `--option=`, is filled in from the environment.',
  );

/** Upper case only, and no long row of letters and digits: a pasted key is no name. */
export const VARIABLE_NAME = /^(?![A-Z0-9]{20,}$)[A-Z_][A-Z0-9_]*$/;

const EnvName = z
  .string()
  .regex(
    VARIABLE_NAME,
    'expected the name of an environment variable (upper case), never the secret itself',
  );

const Page = z
  .union(
    [
      z.strictObject({
        pagerduty_key_env: EnvName.describe('Names the variable with a PagerDuty integration key.'),
      }),
      z.strictObject({
        webhook_env: EnvName.describe('Names the variable with the address of a webhook.'),
      }),
    ],
    {
      error:
        'expected `pagerduty_key_env` or `webhook_env`, with the name of an environment variable',
    },
  )
  .describe('How somebody is called outside Slack.');

const SlackId = z
  .string()
  .regex(/^[UW][A-Z0-9]+$/, 'expected a Slack member id, for example U0ANNA');

export const Person = z
  .strictObject({
    name: z.string().min(1).optional().describe('What others call them; the key, if left out.'),
    slack: z
      .union([SlackId, z.array(SlackId)], {
        error: 'expected a Slack member id, for example U0ANNA, or a list of them',
      })
      .default([])
      .describe('Their Slack member id, or a list of all of them.'),
    os_user: z
      .string()
      .min(1)
      .optional()
      .describe('Their name on the machine where `npm run backout` is typed.'),
    page: Page.optional(),
  })
  .describe('One human, with all their names.');

const Commands = z
  .strictObject(
    {
      stop: CommandLine,
      start: CommandLine,
      status: CommandLine.describe('Exits 0 running, 3 stopped, anything else unknown.'),
      previous: CommandLine.optional().describe(
        'Makes the version before this one the one that starts.',
      ),
    },
    { error: orMissing('expected `commands` with stop, start and status') },
  )
  .describe('How the team stops, starts and looks at it.');

const Health = z
  .url({ protocol: /^https?$/, error: 'expected an http(s) address' })
  .refine(
    (address) => !URL.canParse(address) || new URL(address).password === '',
    'expected an address without a password',
  );

const Service = z.strictObject({
  commands: Commands,
  kubernetes: z
    .never({
      error:
        'not in this version yet: give `commands` with stop, start and status, for example of kubectl',
    })
    .optional()
    .describe('Not in this version yet.'),
  application_names: z
    .array(z.string().min(1))
    .default([])
    .describe('How it calls itself in `pg_stat_activity`: its connections must be gone.'),
  endpoints: z
    .array(z.string().min(1))
    .default([])
    .describe('Shown beside the question which endpoints are affected.'),
  caches: z
    .strictObject({
      invalidate: z.array(CommandLine).describe('Command lines, run after the services are back.'),
    })
    .default({ invalidate: [] }),
  health: Health.optional().describe('Asked by HTTP until it answers 2xx.'),
  smoke: CommandLine.optional().describe('Exits 0 when the critical paths work.'),
});

const Role = z.strictObject({
  people: z
    .array(z.string().min(1))
    .describe('Keys of `people`. Empty means nobody: it refuses, it never allows.'),
  page: Page.optional(),
});

const Minutes = z.number().positive().max(10_080);

/** PostgreSQL and Node's timers both end a little after 24 days, and a timer beyond its end rings at once. */
const DAY_MS = 86_400_000;

const Policy = z.strictObject({
  approval_ttl_minutes: Minutes.default(30).describe('How long an approval counts.'),
  lock_timeout_ms: z
    .number()
    .int()
    .min(1)
    .max(DAY_MS)
    .default(5_000)
    .describe(
      'How long the rollback waits for a lock before it gives up unchanged; a day at most.',
    ),
  statement_timeout_ms: z
    .number()
    .int()
    .min(1)
    .max(DAY_MS)
    .default(600_000)
    .describe('How long one statement of it may take; a day at most.'),
  start: z
    .enum(['on_approval', 'by_hand'])
    .default('on_approval')
    .describe('The second approval starts it, or somebody says `run`.'),
  require: z
    .array(z.enum(['backup', 'rehearsal']))
    .default(['backup'])
    .describe('What a plan needs. `rehearsal` is accepted, and not done by this version.'),
  approval_page_minutes: Minutes.default(10).describe(
    'Whose approval is missing for this long is called.',
  ),
  archive_after_minutes: z
    .number()
    .min(0)
    .max(525_600)
    .default(1_440)
    .describe('When the channel of a closed incident is archived.'),
});

export const Target = z.strictObject({
  database_url_env: EnvName.describe(
    'Names the variable with the address of the database: direct, not through a pooler.',
  ),
  rehearsal_url_env: EnvName.optional().describe(
    'Another server for rehearsals; not used by this version.',
  ),
  environment: z.string().min(1).describe('Shown to people, for example production.'),
  private: z.boolean().default(false).describe('Incidents of this target get a private channel.'),
  migrations: z.strictObject({
    tool: z
      .enum(['golang-migrate', 'built-in'])
      .default('golang-migrate')
      .describe('Who runs the down files: golang-migrate, or Backout itself, all or nothing.'),
    path: z.string().min(1).describe('The folder of the migrations, from this file on.'),
  }),
  services: z.record(z.string(), Service).default({}).describe('What uses the database.'),
  maintenance: z
    .strictObject({ on: CommandLine, off: CommandLine })
    .optional()
    .describe('Switches maintenance mode.'),
  validation: z
    .string()
    .min(1)
    .optional()
    .describe(
      'SQL of the team, run by psql after the rollback; the path from this file on. Read-only unless it switches that off itself: not even a temporary table can be made. `\\i` starts at the folder of this file, `\\ir` at its own. An error, an early end, or nothing that ran is no proof.',
    ),
  roles: z
    .strictObject({
      on_call: Role.optional(),
      dba: Role.optional(),
      platform_lead: Role.optional(),
    })
    .default({})
    .describe('Who answers for it. `on_call` and `dba` hold the two keys.'),
  policy: Policy.prefault({}),
});

export const TargetName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'expected lower-case letters, digits, - and _, at most 40');

/** It stands in texts as `{person:…}`, and `slack:…` is for members whom nobody has listed. */
export const PersonKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'expected letters, digits, . - and _, at most 40');

export const ConfigFileSchema = z.strictObject(
  {
    home_channel: z
      .string()
      .regex(/^[CG][A-Z0-9]+$/, 'expected a channel id, for example C0INCIDENTS')
      .optional()
      .describe('Where incidents are announced. Invite the bot there.'),
    people: z
      .record(PersonKey, Person)
      .default({})
      .describe('One entry for each human, with all their names.'),
    targets: z
      .record(TargetName, Target)
      .refine((targets) => Object.keys(targets).length > 0, 'expected at least one target')
      .describe('Each database with its migrations, services and people.')
      .meta({ minProperties: 1 }),
  },
  { error: 'expected a mapping with `people` and `targets`' },
);
export type ConfigFile = z.infer<typeof ConfigFileSchema>;

/** For objects that must be there; what is wrong inside them says so itself. */
function orMissing(say: string): (issue: { readonly input?: unknown }) => string | undefined {
  return ({ input }) => (input === undefined ? say : undefined);
}
