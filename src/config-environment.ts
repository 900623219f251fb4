/** The environment that Backout reads, apart from the variables that backout.yaml names. */
import { z } from 'zod';
import { withHostInPlace } from './programs/database-url.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

function Address(protocols: readonly string[], meant = (text: string): string => text) {
  const say = `expected an address that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`;
  return z
    .string({ error: ({ input }) => (input === undefined ? `${say}; it is missing` : say) })
    .refine((text) => {
      const address = meant(text);
      return URL.canParse(address) && protocols.includes(new URL(address).protocol);
    }, say);
}
const StoreAddress = () => Address(['postgres:', 'postgresql:'], withHostInPlace);

/** An empty variable counts as one that is not set. */
export const Environment = z.object({
  BACKOUT_CONFIG: z.string().default('./backout.yaml').describe('The configuration file.'),
  STORE_URL: StoreAddress().describe('Our own PostgreSQL, as the role that only adds to history.'),
  STORE_OWNER_URL: StoreAddress()
    .optional()
    .describe('The same database as the role that migrates it; `STORE_URL` if left out.'),
  REDIS_URL: Address(['redis:', 'rediss:']).describe('The queue that wakes the workers.'),
  SLACK_BOT_TOKEN: z
    .string()
    .startsWith('xoxb-', 'expected a bot token (xoxb-…)')
    .optional()
    .describe('The workspace: `xoxb-…`. The bot needs it.'),
  SLACK_SIGNING_SECRET: z.string().optional().describe('For HTTP: Slack calls `/slack/events`.'),
  SLACK_APP_TOKEN: z
    .string()
    .startsWith('xapp-', 'expected an app-level token (xapp-…)')
    .optional()
    .describe('For Socket Mode: `xapp-…`. The bot needs one of these two.'),
  SLACK_API_URL: Address(['https:', 'http:'])
    .default('https://slack.com/api/')
    .describe('Where Slack’s Web API is.'),
  PORT: z.coerce
    .number({ error: 'expected a port: a number from 0 to 65535' })
    .int('expected a port: a number from 0 to 65535')
    .min(0, 'expected a port: a number from 0 to 65535')
    .max(65_535, 'expected a port: a number from 0 to 65535')
    .default(3000)
    .describe(
      'Serves `/slack/events`, `/pagerduty/webhook`, `/health/live`, `/health/ready`, `/metrics`, `/locks/:target`, `/incidents/:id`.',
    ),
  PAGERDUTY_URL: Address(['https:', 'http:'])
    .default('https://events.pagerduty.com')
    .describe('Where PagerDuty takes events.'),
  PAGERDUTY_WEBHOOK_SECRET: z
    .string()
    .optional()
    .describe('The secret of PagerDuty’s v3 webhook, by which it tells who answered.'),
  BACKUP_DIR: z
    .string()
    .default('./backups')
    .describe(
      'Where backups and exports are kept: a folder for each target, and in it one for each backup. Nothing in it is overwritten or deleted.',
    ),
  LOG_LEVEL: z
    .enum(LEVELS, { error: `expected one of ${LEVELS.join(', ')}` })
    .default('info')
    .describe('How much is logged.'),
});
export type Environment = z.infer<typeof Environment>;
