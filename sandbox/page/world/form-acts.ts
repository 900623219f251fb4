/** Sending and closing forms. */
import type { FieldValue } from '../blocks/surface.ts';
import { optionsOf } from '../blocks/surface.ts';
import type { Acts } from './acts.ts';
import { objectAt, objectsAt, textAt } from './json.ts';
import type { Keeper, Page } from './page.ts';
import * as server from './server.ts';
import type { Form } from './workspace.ts';

type Values = Record<string, Record<string, FieldValue>>;

/** What was put in and is still on the form; what nobody touched, the workspace knows itself. */
function valuesToSend(form: Form, chosen: Page['values'][string] | undefined): Values {
  const values: Values = {};
  for (const block of form.blocks) {
    const blockId = textAt(block, 'block_id') ?? '';
    const single = objectAt(block, 'element') ?? objectAt(block, 'accessory');
    const elements = single === undefined ? objectsAt(block, 'elements') : [single];
    for (const element of elements) {
      const actionId = textAt(element, 'action_id') ?? '';
      const value = chosen?.[`${blockId}/${actionId}`];
      const offered = optionsOf(element).map((one) => textAt(one, 'value'));
      const wanted = typeof value === 'string' ? [value] : (value ?? []);
      const isOffered = offered.length === 0 || wanted.every((one) => offered.includes(one));
      if (value !== undefined && isOffered) {
        values[blockId] = { ...values[blockId], [actionId]: value };
      }
    }
  }
  return values;
}

export function formActs({ page, change }: Keeper): Pick<Acts, 'submit' | 'closeForm'> {
  const submit = async (viewId: string): Promise<void> => {
    const { workspace, route, values, busy } = page();
    const form = workspace?.form;
    if (form?.id !== viewId || busy.includes(viewId)) return;
    change((now) => ({ busy: [...now.busy, viewId], formTrouble: null }));
    const sent = valuesToSend(form, values[viewId]);
    const told = await server.does(route.me, 'submit', { viewId, values: sent });
    const isErrors = Object.keys(told.errors).length > 0;
    change((now) => ({
      busy: now.busy.filter((one) => one !== viewId),
      formTrouble: told.ok
        ? null
        : { viewId, errors: told.errors, notice: isErrors ? '' : told.saw },
    }));
    if (isErrors) focusFirstError();
  };
  return {
    submit: (viewId) => void submit(viewId),
    closeForm(viewId) {
      change(({ workspace }) => ({
        formTrouble: null,
        // It closes at once, whatever the app says to it.
        workspace: workspace === null ? null : { ...workspace, form: null },
      }));
      void server.does(page().route.me, 'close', { viewId });
    },
  };
}

function focusFirstError(): void {
  requestAnimationFrame(() => {
    const wrong = document.querySelector('dialog .is-wrong');
    const field = wrong?.querySelector<HTMLElement>('input, textarea, select');
    field?.focus();
    wrong?.scrollIntoView({ block: 'nearest' });
  });
}
