import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockProblems, viewProblems } from '../../sandbox/slack/blocks/payload.ts';
import { printed } from '../../sandbox/slack/blocks/shape.ts';
import { decodeJson, isList, isObject } from '../../sandbox/slack/json.ts';
import { storedBlocks } from '../../sandbox/slack/blocks/stored.ts';
import {
  actions,
  button,
  choose,
  input,
  inMessage,
  inModal,
  mrkdwn,
  option,
  plain,
  section,
  times,
  typed,
} from './slack-block-parts.ts';

describe('a form is refused', () => {
  const refusals: readonly (readonly [string, readonly string[], string])[] = [
    [
      'with a title of 25 characters',
      inModal([], { blocks: [section('x')], title: plain('x'.repeat(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'with an input and no button to send it',
      viewProblems({ type: 'modal', title: plain('T'), blocks: [input(typed())] }).map(printed),
      'must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]',
    ],
    [
      'with 101 blocks',
      inModal(times(101, () => section('x'))),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    [
      'with 3,001 characters of private metadata',
      inModal([section('x')], { private_metadata: 'x'.repeat(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'with a property Slack does not know',
      inModal([section('x')], { submit_disabled: true }),
      'invalid additional property: submit_disabled [json-pointer:/view]',
    ],
    [
      'with a table, which belongs in messages',
      inModal([{ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }]),
      'unsupported type: table [json-pointer:/view/blocks/0/type]',
    ],
    [
      'with a button in an input',
      inModal([input(button())]),
      'unsupported type: button [json-pointer:/view/blocks/0/element/type]',
    ],
    [
      'with two fields that both want the cursor',
      inModal([
        input(typed({ focus_on_load: true })),
        input(typed({ focus_on_load: true, action_id: 'other' })),
      ]),
      'only one element may have `focus_on_load` [json-pointer:/view/blocks]',
    ],
    [
      'with a preset longer than the field',
      inModal([input(typed({ max_length: 3, initial_value: 'four' }))]),
      'must be less than 4 characters [json-pointer:/view/blocks/0/element/initial_value]',
    ],
    [
      'with numbers as numbers in a number field',
      inModal([input({ type: 'number_input', is_decimal_allowed: false, min_value: 1 })]),
      'must be a string [json-pointer:/view/blocks/0/element/min_value]',
    ],
    [
      'of a kind nobody knows',
      viewProblems({ type: 'dialog', blocks: [] }).map(printed),
      'unsupported type: "dialog" [json-pointer:/view/type]',
    ],
  ];

  test.for(refusals)('%s', ([, problems, message]) => {
    expect(problems).toContain(message);
  });

  test('as a whole, before the single reasons', () => {
    expect(inModal([section('')])[0]).toBe(
      'failed to match all allowed schemas [json-pointer:/view]',
    );
  });
});

test('whatever is sent, the answer is a list of reasons', () => {
  const types = fc.constantFrom(
    'section',
    'actions',
    'input',
    'table',
    'container',
    'modal',
    'rich_text',
  );
  const anything = fc.record(
    {
      type: types,
      blocks: fc.jsonValue(),
      rows: fc.jsonValue(),
      elements: fc.jsonValue(),
      element: fc.jsonValue(),
      text: fc.jsonValue(),
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(fc.array(anything), anything, (blocks, view) => {
      const given = decodeJson(JSON.stringify(blocks));
      const form = decodeJson(JSON.stringify(view));
      const problems = isList(given)
        ? blockProblems(given, { surface: 'message', pointer: '' })
        : [];
      expect([...problems, ...(isObject(form) ? viewProblems(form) : [])]).toBeInstanceOf(Array);
    }),
  );
});

test('what Slack allows is allowed', () => {
  const message = inMessage(
    { type: 'header', text: plain('Rollback of auth') },
    { ...section('*Now:* waiting'), accessory: button() },
    { type: 'section', fields: [mrkdwn('a'), plain('b')] },
    { type: 'divider' },
    {
      type: 'context',
      elements: [
        mrkdwn('since 14:02'),
        { type: 'image', alt_text: 'a', image_url: 'https://example.com/a.png' },
      ],
    },
    actions(
      button({
        action_id: 'run',
        style: 'danger',
        confirm: {
          title: plain('Run?'),
          text: mrkdwn('Now'),
          confirm: plain('Run'),
          deny: plain('No'),
        },
      }),
      choose(),
      { type: 'overflow', action_id: 'more', options: [option('a')] },
    ),
    { type: 'image', alt_text: 'chart', image_url: 'https://example.com/chart.png' },
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'select 1' }] },
      ],
    },
    { type: 'task_card', task_id: '1', title: 'Back up', status: 'in_progress' },
    { type: 'plan', title: 'Plan', tasks: [{ type: 'task_card', task_id: '1', title: 'Back up' }] },
    {
      type: 'data_table',
      caption: 'Tables',
      rows: [
        [
          { type: 'raw_text', text: 'table' },
          { type: 'raw_text', text: 'rows' },
        ],
        [
          { type: 'raw_text', text: 'users' },
          { type: 'raw_number', value: 300_000 },
        ],
      ],
    },
    {
      type: 'container',
      title: plain('Preparation'),
      is_collapsible: true,
      child_blocks: [section('x')],
    },
    {
      type: 'data_visualization',
      title: 'Errors',
      chart: {
        type: 'line',
        series: [{ name: 'auth', data: [{ label: '14:00', value: 3 }] }],
        axis_config: { categories: ['14:00'] },
      },
    },
  );
  const modal = inModal([
    { type: 'alert', text: plain('This is production'), level: 'warning' },
    input(typed({ multiline: true, max_length: 500 }), {
      optional: true,
      hint: plain('One sentence'),
    }),
    input({ type: 'number_input', is_decimal_allowed: false, min_value: '1', max_value: '5' }),
    input({
      type: 'checkboxes',
      action_id: 'c',
      options: [{ text: mrkdwn('*yes*'), value: 'yes' }],
    }),
    input({ type: 'multi_users_select', action_id: 'u', max_selected_items: 3 }),
    input({ type: 'datetimepicker', action_id: 'd', initial_date_time: 1_790_000_000 }),
  ]);

  expect(message).toEqual([]);
  expect(modal).toEqual([]);
});

test('Slack gives blocks back with ids, defaults and escaped text', () => {
  let made = 0;
  const newId = (): string => `id${(made += 1)}`;
  const blocks = [
    section('a < b & <@U0ANNA> https://example.com/x ✅'),
    actions({ type: 'button', text: plain('R&D'), value: 'a&b' }),
  ];

  expect(storedBlocks(blocks, newId)).toEqual([
    {
      type: 'section',
      block_id: 'id1',
      text: {
        type: 'mrkdwn',
        text: 'a &lt; b &amp; <@U0ANNA> <https://example.com/x> :white_check_mark:',
        verbatim: false,
      },
    },
    {
      type: 'actions',
      block_id: 'id3',
      elements: [
        {
          type: 'button',
          action_id: 'id2',
          text: { type: 'plain_text', text: 'R&amp;D', emoji: true },
          value: 'a&b',
        },
      ],
    },
  ]);
});
