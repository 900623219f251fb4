import { ELEMENT_CHECKS } from './elements.ts';
import type { Check, Surface } from './shape.ts';
import { byType } from './shape.ts';

type ElementType = keyof typeof ELEMENT_CHECKS;

const SELECTS = [
  'static_select',
  'external_select',
  'users_select',
  'conversations_select',
  'channels_select',
  'multi_static_select',
  'multi_external_select',
  'multi_users_select',
  'multi_conversations_select',
  'multi_channels_select',
] as const satisfies readonly ElementType[];

const CHOICES = ['checkboxes', 'radio_buttons', 'datepicker', 'timepicker'] as const;

/** Which elements a block may hold. */
const PARENTS: Readonly<Record<string, readonly ElementType[]>> = {
  section: [...SELECTS, ...CHOICES, 'button', 'image', 'overflow', 'workflow_button'],
  actions: [
    ...SELECTS,
    ...CHOICES,
    'button',
    'datetimepicker',
    'overflow',
    'workflow_button',
    'rich_text_input',
  ],
  input: [
    ...SELECTS,
    ...CHOICES,
    'datetimepicker',
    'plain_text_input',
    'number_input',
    'email_text_input',
    'url_text_input',
    'rich_text_input',
    'file_input',
  ],
  context: ['image', 'plain_text', 'mrkdwn'],
  context_actions: ['feedback_buttons', 'icon_button'],
  card: ['button'],
};

const SURFACES: Readonly<Partial<Record<string, readonly Surface[]>>> = {
  email_text_input: ['modal'],
  number_input: ['modal'],
  url_text_input: ['modal'],
  file_input: ['modal'],
  datetimepicker: ['modal', 'message'],
  rich_text_input: ['modal', 'home'],
  workflow_button: ['message'],
  feedback_buttons: ['message'],
  icon_button: ['message'],
};

/** An element in the block that `place.parent` names. */
export const blockElement: Check = byType(ELEMENT_CHECKS, (type, place) => {
  const allowed: readonly string[] = PARENTS[place.parent] ?? [];
  return !allowed.includes(type) || SURFACES[type]?.includes(place.surface) === false;
});

export const imageElement: Check = byType({ image: ELEMENT_CHECKS.image });
