import { blockId } from './composition.ts';
import type { Check } from './shape.ts';
import { anything, boolean, byType, list, number, object, oneOf, string } from './shape.ts';

const style = object({
  optional: { bold: boolean, italic: boolean, strike: boolean, code: boolean, underline: boolean },
});

type Fields = Readonly<Record<string, Check>>;

function part(required: Fields, optional: Fields = {}): Check {
  return object({ required: { type: anything, ...required }, optional });
}

const textOrLink = {
  text: part({ text: string({}) }, { style }),
  link: part({ url: string({}) }, { text: string({}), unsafe: boolean, style }),
};

const inline = byType({
  ...textOrLink,
  user: part({ user_id: string({}) }, { style }),
  usergroup: part({ usergroup_id: string({}) }, { style }),
  channel: part({ channel_id: string({}) }, { style }),
  team: part({ team_id: string({}) }, { style }),
  emoji: part(
    { name: string({}) },
    { unicode: string({}), skin_tone: number({ min: 1, max: 6, whole: true }), style },
  ),
  date: part(
    { timestamp: number({ whole: true }), format: string({}) },
    { url: string({}), fallback: string({}), style },
  ),
  broadcast: part({ range: oneOf(['here', 'channel', 'everyone']) }, { style }),
  color: part({ value: string({}) }, { style }),
});

const border = oneOf([0, 1]);
const section = part({ elements: list(inline, {}) });

/** The rich_text block, which inputs and table cells hold too. */
export const richText: Check = byType({
  rich_text: part(
    {
      elements: list(
        byType({
          rich_text_section: section,
          rich_text_list: part(
            {
              style: oneOf(['bullet', 'ordered']),
              elements: list(byType({ rich_text_section: section }), {}),
            },
            { indent: number({ min: 0, max: 8, whole: true }), offset: number({}), border },
          ),
          rich_text_quote: part({ elements: list(inline, {}) }, { border }),
          rich_text_preformatted: part({ elements: list(byType(textOrLink), {}) }, { border }),
        }),
        {},
      ),
    },
    { block_id: blockId },
  ),
});
