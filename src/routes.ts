/** What is served on PORT beside Slack's own path: each page with what it reads from the store. */
import type { Metrics } from './web/metrics.ts';
import { z } from 'zod';
import type { Config } from './config.ts';
import { inTime } from './deadline.ts';
import { event } from './incident/events.ts';
import { IncidentId } from './incident/names.ts';
import { standing } from './incident/standing/standing.ts';
import { timelineOf } from './incident/history/timeline.ts';
import { targetMeant } from './incident/words.ts';
import { isSignedByPagerDuty, readPageAnswer } from './paging/pagerduty-webhook.ts';
import { appendToIncident, lockIncident } from './store/append.ts';
import type { StoreConnection } from './store/connect.ts';
import { openIncidents, readIncident } from './store/incidents.ts';
import { health } from './web/health.ts';
import type { DatabaseLock } from './web/locks.ts';
import { locks } from './web/locks.ts';
import { metrics } from './web/metrics.ts';
import { pagerDutyWebhook } from './web/pagerduty.ts';
import type { Report } from './web/report.ts';
import { report } from './web/report.ts';
import { reportKey } from './web/report-link.ts';
import type { Route } from './web/route.ts';

const ANSWER_MS = 1_500;

export interface QueueSource {
  readonly answers: () => Promise<boolean>;
  /** Not where people are answered too: they go on, and the worker finds its work in the store. */
  readonly isNeeded: boolean;
}

export interface RouteSource {
  readonly config: Config;
  readonly store: StoreConnection;
  /** Null where no worker runs. */
  readonly queue: QueueSource | null;
  readonly metrics: Metrics;
}

/** Health and metrics: for every process. */
export function commonRoutes(source: Omit<RouteSource, 'config'>): readonly Route[] {
  return [...health({ live: () => true, ready: () => readiness(source) }), metrics(source.metrics)];
}

async function readiness({
  store,
  queue,
}: Pick<RouteSource, 'store' | 'queue'>): Promise<{ readonly ok: boolean; readonly why: string }> {
  const [storeAnswers, queueAnswers] = await Promise.all([
    inTime(store.run('select'), ANSWER_MS).then(
      () => true,
      () => false,
    ),
    queue?.answers() ?? true,
  ]);
  if (!storeAnswers) return { ok: false, why: 'the store does not answer (STORE_URL)' };
  if (queue === null) return { ok: true, why: 'the store answers' };
  if (queueAnswers) return { ok: true, why: 'the store and the queue answer' };
  return {
    ok: !queue.isNeeded,
    why: 'the queue does not answer (REDIS_URL): one worker at a time does everything, found in the store',
  };
}

/** What people and other systems ask the bot. */
export function botRoutes(source: RouteSource): readonly Route[] {
  const { config, store } = source;
  const { pagerDutyWebhookSecret: secret, slack } = config;
  return [
    ...commonRoutes(source),
    locks({ read: (target) => lockOf(source, target) }),
    ...(slack === null
      ? []
      : [
          report({
            read: (id) => readReport(source, id),
            now: () => new Date(),
            key: reportKey(slack.botToken),
          }),
        ]),
    ...(secret === undefined
      ? []
      : [
          pagerDutyWebhook({
            isSigned: (delivery) => isSignedByPagerDuty({ ...delivery, secret }),
            receive: (rawBody) => receivePageAnswer({ config, store }, rawBody),
          }),
        ]),
  ];
}

/** While an incident is open, its database is not deployed to. */
async function lockOf({ config, store }: RouteSource, said: string): Promise<DatabaseLock> {
  const target = targetMeant(said, config.targets);
  if (target === undefined) return { state: 'no-such-target' };
  const open = (await openIncidents(store)).find((one) => one.target === target.name);
  if (open === undefined) return { state: 'free' };
  return { state: 'locked', by: open.openedBy, since: open.openedAt, incident: open.id };
}

async function readReport({ config, store }: RouteSource, id: string): Promise<Report | null> {
  const named = IncidentId.safeParse(id);
  const read = named.success ? await readIncident(store, named.data) : null;
  const target = config.targets.find((one) => one.name === read?.incident.target);
  if (read === null || target === undefined) return null;
  const { incident, events } = read;
  const plain = (text: string): string => withNames(text, config);
  return {
    id: incident.id,
    title: `${incident.id}: ${target.name} (${target.environment})`,
    state: plain(standing(incident, target, new Date()).headline),
    facts: [
      { name: 'What is wrong', value: incident.sentence },
      { name: 'Opened by', value: plain(`{person:${incident.openedBy}}`) },
      ...(incident.plan === undefined ? [] : [{ name: 'Plan', value: incident.plan.hash }]),
    ],
    timeline: timelineOf(events).map((one) => ({
      at: new Date(one.at),
      who: plain(one.who),
      what: plain(one.what),
    })),
  };
}

/** A page outside Slack knows no mentions: people are called by name, times are UTC. */
function withNames(text: string, config: Config): string {
  return text
    .replaceAll(/\{person:([^}]*)\}/g, (_whole, id: string) => config.people[id]?.name ?? id)
    .replaceAll(/\{time:([^}]*)\}/g, (_whole, at: string) => at);
}

const OURS = z.templateLiteral(['backout/', IncidentId, '/', z.string()]);

/** Each delivery counts once: PagerDuty says everything at least once. */
async function receivePageAnswer(
  { config, store }: Pick<RouteSource, 'config' | 'store'>,
  rawBody: Uint8Array,
): Promise<void> {
  const answer = readPageAnswer(rawBody);
  if (answer === null || !OURS.safeParse(answer.dedupKey).success) return;
  const id = IncidentId.parse(answer.dedupKey.split('/')[1]);
  await store.transaction(async (tx) => {
    const { incident, events } = await lockIncident(tx, id);
    const target = config.targets.find((one) => one.name === incident?.target);
    const isNew = !events.some((one) => one.request === answer.eventId);
    if (incident === null || target === undefined || !isNew) return;
    const { dedupKey, what, by } = answer;
    await appendToIncident(tx, {
      id,
      before: events,
      events: [event('page-answered', { dedupKey, what, ...(by === null ? {} : { by }) })],
      target,
      by: { kind: 'system', part: 'pagerduty' },
      request: answer.eventId,
    });
  });
}
