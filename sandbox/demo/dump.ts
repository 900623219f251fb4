/** Everything that was said and logged, for whoever has to find out why a story stopped. */
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

export function dump({ slack, world, bot, worker }: Stage, terminal: Terminal): void {
  terminal.scene('Everything that was said');
  terminal.line(slack.transcript());
  terminal.scene('The pager');
  for (const { who, state, summary } of world.pager.calls()) {
    terminal.line(`  ${who}: ${state}: ${summary}`);
  }
  for (const [name, { log }] of Object.entries({ bot, worker })) {
    terminal.scene(`The last lines of the ${name}`);
    for (const line of log()) terminal.line(`  ${line}`);
  }
}
