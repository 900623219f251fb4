import type { JsonObject } from '../../../sandbox/slack/json.ts';
import { TEAM } from './office.ts';

/** A form as Slack sends it back, of a shape that people cannot make here. */
export function aSubmission({
  verb,
  blocks,
}: {
  readonly verb: string;
  readonly blocks: readonly JsonObject[];
}): JsonObject {
  return {
    type: 'view_submission',
    team: { id: TEAM, domain: 'acme' },
    user: { id: 'U0ANNA', name: 'anna', team_id: TEAM },
    view: {
      id: 'V0FORM',
      hash: '1.a',
      callback_id: verb,
      private_metadata: JSON.stringify({ verb, input: {} }),
      title: { type: 'plain_text', text: 'Start' },
      blocks,
    },
  };
}
