import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../sandbox/slack/json.ts';
import {
  actions,
  button,
  choose,
  input,
  inMessage,
  mrkdwn,
  option,
  plain,
  section,
  times,
} from './slack-block-parts.ts';

describe('a message is refused', () => {
  const refusals: readonly (readonly [string, readonly JsonObject[], string])[] = [
    [
      'with a property Slack does not know',
      [actions(button({ disabled: true }))],
      'invalid additional property: disabled [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'with 51 blocks',
      times(51, () => section('x')),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    [
      'with 26 buttons in a row',
      [actions(...times(26, (index) => button({ action_id: `go${index}` })))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'with an empty text',
      [section('')],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'with a section of 3,001 characters',
      [section('x'.repeat(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'with a header of 151 characters',
      [{ type: 'header', text: plain('x'.repeat(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'with a header in mrkdwn',
      [{ type: 'header', text: mrkdwn('x') }],
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'with a field of 2,001 characters',
      [{ type: 'section', fields: [mrkdwn('x'.repeat(2001))] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'with eleven fields',
      [{ type: 'section', fields: times(11, () => mrkdwn('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'with a section of nothing',
      [{ type: 'section' }],
      'must define either `text` or `fields` [json-pointer:/blocks/0]',
    ],
    [
      'with a long word on a button',
      [actions(button({ text: plain('x'.repeat(76)) }))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'with a long value behind a button',
      [actions(button({ value: 'x'.repeat(2001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'with a button in a style of its own',
      [actions(button({ style: 'default' }))],
      'must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'with two blocks of one id',
      [
        { ...section('x'), block_id: 'same' },
        { ...section('y'), block_id: 'same' },
      ],
      '`block_id` "same" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'with two actions of one id in a block',
      [actions(button(), button())],
      '`action_id` "go" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'with an option value of 151 characters',
      [
        actions(
          choose({ options: [option('x'.repeat(75)), { ...option('y'), value: 'y'.repeat(151) }] }),
        ),
      ],
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/1/value]',
    ],
    [
      'with 101 options',
      [actions(choose({ options: times(101, (index) => option(String(index))) }))],
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'with no options at all',
      [actions(choose({ options: [] }))],
      'no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'with a preset that is not among the options',
      [actions(choose({ initial_option: option('billing') }))],
      '`initial_option` must be one of the provided options [json-pointer:/blocks/0/elements/0/initial_option]',
    ],
    [
      'with an alert, which belongs in forms',
      [{ type: 'alert', text: plain('Careful') }],
      'unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      'with a block nobody knows',
      [{ type: 'toast', text: plain('x') }],
      'unsupported type: toast [json-pointer:/blocks/0/type]',
    ],
    [
      'with a number field, which belongs in forms',
      [input({ type: 'number_input', is_decimal_allowed: false })],
      'unsupported type: number_input [json-pointer:/blocks/0/element/type]',
    ],
    [
      'with a button in a context block',
      [{ type: 'context', elements: [button()] }],
      'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'with eleven things in a context block',
      [{ type: 'context', elements: times(11, () => mrkdwn('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'with emoji asked for in mrkdwn',
      [{ type: 'section', text: { ...mrkdwn('x'), emoji: true } }],
      'invalid additional property: emoji [json-pointer:/blocks/0/text]',
    ],
    [
      'with a picture only this machine can reach',
      [{ type: 'image', alt_text: 'a', image_url: 'http://localhost:3000/a.png' }],
      'downloading image failed [json-pointer:/blocks/0/image_url]',
    ],
    [
      'with a confirmation that lacks its no',
      [
        actions(
          button({
            confirm: { title: plain('Sure?'), text: plain('Really?'), confirm: plain('Yes') },
          }),
        ),
      ],
      'missing required field: deny [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      'with markdown of 12,001 characters in all',
      [
        { type: 'markdown', text: 'x'.repeat(6001) },
        { type: 'markdown', text: 'x'.repeat(6000) },
      ],
      'markdown must be less than 12001 characters [json-pointer:/blocks]',
    ],
    [
      'with an empty run of rich text',
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }],
        },
      ],
      'must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
    ],
    [
      'with a table whose rows differ in length',
      [
        {
          type: 'table',
          rows: [
            [{ type: 'raw_text', text: 'a' }],
            [
              { type: 'raw_text', text: 'a' },
              { type: 'raw_text', text: 'b' },
            ],
          ],
        },
      ],
      'all rows must have the same length [json-pointer:/blocks/0/rows/1]',
    ],
    [
      'with six entries in a menu',
      [
        actions({
          type: 'overflow',
          action_id: 'more',
          options: times(6, (index) => option(String(index))),
        }),
      ],
      'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'with eleven check boxes',
      [
        actions({
          type: 'checkboxes',
          action_id: 'c',
          options: times(11, (index) => option(String(index))),
        }),
      ],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'with a date in another order',
      [actions({ type: 'datepicker', action_id: 'd', initial_date: '22.11.2026' })],
      'must be a date as YYYY-MM-DD [json-pointer:/blocks/0/elements/0/initial_date]',
    ],
  ];

  test.for(refusals)('%s', ([, blocks, message]) => {
    expect(inMessage(...blocks)).toContain(message);
  });

  test('with the failed union named before what failed in it', () => {
    expect(inMessage(section('x'.repeat(3001)))).toEqual([
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ]);
  });
});
