/** What the views are handed, read from the store. */
import type { Show } from '../define-command.ts';
import type { IncidentId, OperationId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import { storeClock } from '../store/append.ts';
import type { StoreConnection } from '../store/connect.ts';
import { openIncidents, readIncident } from '../store/incidents.ts';
import { progressOf } from '../store/operations.ts';
import type { DrawnProgress, People, Scene } from './views/drawing.ts';
import type { Shown } from './views/parts.ts';
import { planView } from './views/plan.ts';
import { contactsView, panelView, statusView } from './views/replies.ts';

export interface SceneSource {
  readonly store: StoreConnection;
  readonly targets: readonly Target[];
  readonly people: People;
}

/** Null when there is no such incident, or its target is no longer configured. */
export async function sceneOf(
  { store, targets, people }: SceneSource,
  id: IncidentId,
): Promise<Scene | null> {
  const [read, running, now] = await Promise.all([
    readIncident(store, id),
    progressOf(store, id),
    storeClock(store),
  ]);
  const target = targets.find((one) => one.name === read?.incident.target);
  if (read === null || target === undefined) return null;
  const progress: Record<OperationId, DrawnProgress> = {};
  const tails: Record<OperationId, string> = {};
  for (const { id: operation, progress: known, tail } of running) {
    if (known !== null) progress[operation] = known;
    if (tail !== null) tails[operation] = tail;
  }
  return { incident: read.incident, target, people, now, progress, tails };
}

export type Shows = (show: Show, incident: IncidentId | null) => Promise<Shown | null>;

/** What is shown under an answer. */
export function openShows(source: SceneSource): Shows {
  return async (show, incident) => {
    if (show === 'nothing') return null;
    if (show === 'panel') {
      const { store, targets, people } = source;
      const [open, now] = await Promise.all([openIncidents(store), storeClock(store)]);
      return panelView({ open, targets, people, now });
    }
    const scene = incident === null ? null : await sceneOf(source, incident);
    if (scene === null) return null;
    switch (show) {
      case 'status':
        return statusView(scene);
      case 'plan':
        return planView(scene);
      case 'contacts':
        return contactsView(scene);
    }
  };
}
