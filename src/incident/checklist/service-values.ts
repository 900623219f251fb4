/** How the services are stopped and brought back by hand: what the configuration says, in the order of the run. */
import type { Incident } from '../incident.ts';
import { isResultOf } from '../incident.ts';
import { shellLine } from './shell.ts';
import type { Service } from '../target.ts';
import { listed } from '../text.ts';

export interface ServiceValues {
  readonly stopCommands: readonly string[];
  readonly cacheCommands: readonly string[];
  /** In the version before: told once and started, or only started where that was done already. */
  readonly previousCommands: readonly string[];
  readonly startCommands: readonly string[];
  readonly healthCommands: readonly string[];
  readonly smokeCommands: readonly string[];
  /** What else has to be known about the version before. */
  readonly aboutPrevious: string;
}

export function serviceValues(incident: Incident, services: readonly Service[]): ServiceValues {
  const switched = switchedIn(incident);
  const without = services.filter(
    ({ name, commands }) => commands.previous === undefined && !switched.has(name),
  );
  return {
    stopCommands: services.map((one) => shellLine(one.commands.stop)),
    cacheCommands: services.flatMap((one) => one.caches.map(shellLine)),
    previousCommands: services.flatMap(({ name, commands: { previous, start } }) => {
      if (switched.has(name)) return [shellLine(start)];
      return previous === undefined ? [] : [`${shellLine(previous)} && ${shellLine(start)}`];
    }),
    startCommands: services.map((one) => shellLine(one.commands.start)),
    healthCommands: services.flatMap(({ health }) =>
      health === undefined ? [] : [shellLine(['curl', '-fsS', '--max-time', '10', health])],
    ),
    smokeCommands: services.flatMap(({ smoke }) => (smoke === undefined ? [] : [shellLine(smoke)])),
    aboutPrevious: [sayWithout(without), saySwitched([...switched])].join(''),
  };
}

/** Told already, in this incident, to start in the version before: told again, they may go one further back. */
function switchedIn(incident: Incident): ReadonlySet<string> {
  return new Set(
    incident.operations.flatMap(({ result }) =>
      isResultOf('resume-services', result)
        ? result.services.filter((one) => one.switched).map((one) => one.service)
        : [],
    ),
  );
}

function sayWithout(services: readonly Service[]): string {
  if (services.length === 0) return '';
  return ` ${listed(services.map((one) => one.name))}: there is no command for the version before. Put it in place yourself, then start.`;
}

function saySwitched(names: readonly string[]): string {
  if (names.length === 0) return '';
  return ` ${listed(names)}: in the version before already, so only started.`;
}
