/** Transactions that others hold open: while there is one, somebody still writes or holds locks that a down waits for. */
import type { Activity, OpenTransaction } from './facts.ts';
import type { Service } from '../target.ts';
import { listed } from '../text.ts';

/** All that are neither of a service that we stop nor our own. */
export function foreignTransactions(
  { openTransactions }: Activity,
  services: readonly Service[],
): readonly OpenTransaction[] {
  if (openTransactions?.state !== 'known') return [];
  const names = services.flatMap((one) => one.applicationNames);
  return openTransactions.value.filter(
    (one) =>
      one.kind === 'prepared' ||
      (!names.includes(one.applicationName) && !one.applicationName.startsWith('backout/')),
  );
}

/** Without their names, sessions of a service look like those of a stranger. */
export function unnamedServices(services: readonly Service[]): readonly string[] {
  return services.filter((one) => one.applicationNames.length === 0).map((one) => one.name);
}

/** Foreign for certain, and open for so long that it will not end by itself in a moment. */
export function lastingTransactions(
  activity: Activity,
  given: { readonly services: readonly Service[]; readonly seconds: number },
): readonly OpenTransaction[] {
  const isTold = unnamedServices(given.services).length === 0;
  return foreignTransactions(activity, given.services).filter(
    (one) => one.seconds >= given.seconds && (isTold || one.kind === 'prepared'),
  );
}

export function sayTransaction(one: OpenTransaction): string {
  if (one.kind === 'prepared') {
    return `the prepared transaction ${one.gid} of user ${one.user}, for ${one.seconds} s`;
  }
  const who =
    one.applicationName === '' ? 'a session without a name' : `a session of ${one.applicationName}`;
  return `an open transaction in ${who} (pid ${one.pid}, user ${one.user}, ${one.state}), for ${one.seconds} s`;
}

/** What to type so that it is over. */
export function sayHowToEnd(transactions: readonly OpenTransaction[]): string {
  const typed = transactions
    .slice(0, 5)
    .map((one) =>
      one.kind === 'session'
        ? `\`select pg_terminate_backend(${one.pid})\``
        : `\`rollback prepared '${one.gid.replaceAll("'", "''")}'\``,
    );
  return `Ask ${transactions.length === 1 ? 'its owner' : 'their owners'} to end ${transactions.length === 1 ? 'it' : 'them'}, or a DBA says ${listed(typed)}.`;
}
