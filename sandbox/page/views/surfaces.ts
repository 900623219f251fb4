/** What texts and blocks need, made from the page. */
import type { Surface, Used } from '../blocks/surface.ts';
import { actionIdOf, blockIdOf } from '../blocks/surface.ts';
import type { Names } from '../text/names.ts';
import type { Acts } from '../world/acts.ts';
import { pressKey } from '../world/acts.ts';
import { objectAt, textAt } from '../world/json.ts';
import type { Page, Where } from '../world/page.ts';
import { whereKey } from '../world/page.ts';
import type { Workspace } from '../world/workspace.ts';
import { channelTitle } from '../world/workspace.ts';

/** What every view gets: the page with its workspace, and what can be done. */
export interface Look {
  readonly page: Page;
  readonly workspace: Workspace;
  readonly acts: Acts;
  readonly names: Names;
}

export function namesOf(workspace: Workspace, acts: Acts): Names {
  return {
    me: workspace.me.id,
    people: Object.fromEntries(workspace.people.map(({ id, realName }) => [id, realName])),
    channels: Object.fromEntries(workspace.channels.map((one) => [one.id, channelTitle(one)])),
    open: (channel) => acts.go({ channel, thread: null }),
    now: new Date(),
  };
}

export function surfaceOf({ page, acts, names }: Look, where: Where): Surface {
  const key = whereKey(where);
  const at = (used: Used): { where: Where; blockId: string; actionId: string } => ({
    where,
    blockId: blockIdOf(used),
    actionId: actionIdOf(used),
  });
  return {
    names,
    prefix: key.replaceAll(/\W/g, '-'),
    chosen: (used) => page.values[key]?.[`${blockIdOf(used)}/${actionIdOf(used)}`],
    choose: (used, value) => acts.choose(at(used), value),
    press(used, value) {
      const press = { ...at(used), value };
      const confirm = objectAt(used.element, 'confirm');
      if (confirm === undefined) acts.press(press);
      else acts.ask({ press, confirm });
    },
    isBusy: (used) => page.busy.includes(pressKey(at(used))),
    errorAt(block) {
      const trouble = page.formTrouble;
      if (where.kind !== 'form' || trouble?.viewId !== where.viewId) return undefined;
      return trouble.errors[textAt(block, 'block_id') ?? ''];
    },
  };
}
