/** What is said of services that were to be brought back, and what it proves. */
import type { Evidence } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import { canonicalJson, sha256 } from '../plan/plan.ts';
import type { ResultOf } from '../facts/results.ts';
import { listed } from '../text.ts';

type Result = ResultOf<'resume-services'>;
export type Resumed = Result['services'][number];
type Way = Result['version'];

interface ResumeReport {
  readonly outcome: 'succeeded' | 'failed';
  readonly says: string;
  readonly result: Result;
  readonly evidence: readonly Evidence[];
}

/** `left` are services that were stopped before we came, and stay so. */
export function reportResumed(
  version: Way,
  { services, left }: { readonly services: readonly Resumed[]; readonly left: readonly string[] },
): ResumeReport {
  const down = services.filter((one) => !one.ok);
  if (down.length > 0) {
    const each = down.map((one) => `${one.service}: ${one.says}`).join(' ');
    const says = `NOT all services are back. ${each} \`/rollback resume\` tries again.`;
    return failed({ version, services, says });
  }
  const names = services.map((one) => one.service).join(', ');
  const others =
    left.length === 0 ? '' : ` NOT started, stopped before this began: ${left.join(', ')}.`;
  const says = `Back and running: ${names}.${others}`;
  return {
    outcome: 'succeeded',
    says,
    result: resultOf(version, services),
    evidence: [versionEvidence(version, services)],
  };
}

/** There was none to bring back. */
export function reportNone(version: Way, says: string): ResumeReport {
  const verdict = version === 'same' ? 'not-applicable' : 'found';
  const evidence = [{ item: ITEMS.previousVersion, verdict, says } as const];
  return { outcome: 'succeeded', says, result: resultOf(version, []), evidence };
}

/** A worker died in the middle of a switch: what was switched is kept, so that a later try does not tell it again. */
export function reportUnclear(
  version: Way,
  {
    unclear,
    switched,
  }: { readonly unclear: readonly string[]; readonly switched: readonly string[] },
): ResumeReport {
  const services = switched.map((service) => ({
    service,
    ok: false,
    says: 'Switched to the version before; not started.',
    switched: true,
  }));
  const says = `A worker died while it switched ${unclear.join(', ')} to the version before: it is UNKNOWN whether that happened. Look which version would start, then \`/rollback resume same\` starts it as it is.`;
  return failed({ version, services, says });
}

function failed(given: {
  readonly version: Way;
  readonly services: readonly Resumed[];
  readonly says: string;
}): ResumeReport {
  const { version, services, says } = given;
  return {
    outcome: 'failed',
    says,
    result: resultOf(version, services),
    evidence: [{ item: ITEMS.previousVersion, verdict: 'refuted', says: says.slice(0, 600) }],
  };
}

function resultOf(version: Way, services: readonly Resumed[]): Result {
  return { job: 'resume-services', version, services: [...services] };
}

function versionEvidence(version: Way, services: readonly Resumed[]): Evidence {
  const item = ITEMS.previousVersion;
  const digest = sha256(canonicalJson(services));
  const switched = services.filter((one) => one.switched).map((one) => one.service);
  const kept = services.filter((one) => !one.switched).map((one) => one.service);
  const before =
    switched.length === 0 ? '' : `Running in the version before: ${listed(switched)}. `;
  if (version === 'previous' && kept.length > 0) {
    const says = `${before}No command for the version before is configured for ${listed(kept)}: whether the version that runs fits the schema is for you to see.`;
    return { item, verdict: 'found', says: says.slice(0, 600), digest };
  }
  if (switched.length > 0) {
    return { item, verdict: 'proven', says: before.trim().slice(0, 600), digest };
  }
  return {
    item,
    verdict: 'not-applicable',
    says: 'The schema is as it was, so the services run in the version they had.',
  };
}
