/** Domain text → Slack's mrkdwn. Nothing that people or tools wrote can mention anybody or draw a link. */
import type { PersonId } from '../../incident/names.ts';
import type { People } from './drawing.ts';

/** A mention rings when its message is new; a name never does. */
type PeopleAs = 'mention' | 'name';

const TOKEN = /\{(person|time):([^{}\s]+)\}/g;

/** `{person:…}` and `{time:…}` are drawn; everything else is escaped. */
export function rendered(text: string, people: People, as: PeopleAs = 'mention'): string {
  let drawn = '';
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, kind, value = ''] = found;
    drawn += escaped(text.slice(from, found.index));
    drawn += kind === 'time' ? drawnTime(value) : drawnPerson(value, people, as);
    from = found.index + whole.length;
  }
  return drawn + escaped(text.slice(from));
}

/** Times are drawn, people are not: for what a tool or somebody else wrote. */
export function quotedText(text: string): string {
  return rendered(text.replaceAll('{person:', '{\u200bperson:'), {});
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const SLACK_ID = /^[UW][A-Z0-9]{1,20}$/;

function slackIdOf(person: PersonId, people: People): string | null {
  const id = people[person]?.slack[0] ?? person.replace(/^slack:/, '');
  return SLACK_ID.test(id) ? id : null;
}

function drawnPerson(person: PersonId, people: People, as: PeopleAs): string {
  const id = slackIdOf(person, people);
  const name = people[person]?.name;
  if (id !== null && (as === 'mention' || name === undefined)) return `<@${id}>`;
  return escaped(name ?? person);
}

function drawnTime(at: string): string {
  const seconds = Math.floor(Date.parse(at) / 1000);
  if (!Number.isFinite(seconds)) return escaped(at);
  const spare = new Date(seconds * 1000).toISOString();
  return `<!date^${seconds}^{date_short_pretty} {time}|${spare}>`;
}

/** Tool output in a fence that it cannot leave; the last characters are the ones that tell. */
export function fenced(output: string, max: number): string {
  const clean = escaped(output.trim()).replaceAll('```', "'''");
  const frame = 8;
  if (clean.length + frame <= max) return `\`\`\`\n${clean}\n\`\`\``;
  const kept = clean.slice(clean.length - (max - frame - 2));
  // A cut inside `&lt;` would leave a torn entity at the front.
  const whole = kept.replace(/^[a-z]{0,3};/, '').replace(/^[\uDC00-\uDFFF]/, '');
  return `\`\`\`\n…\n${whole}\n\`\`\``;
}

/** At most `max` characters, cut between words and never inside a mention, an entity or a fence. */
export function fitting(text: string, max: number): string {
  if (text.length <= max) return text;
  const reserve = 6;
  let cut = text.slice(0, Math.max(0, max - reserve));
  // First the word: a time has a space inside, and is then taken out whole.
  const space = cut.search(/\s\S*$/);
  if (space > cut.length - 40 && space > 0) cut = cut.slice(0, space);
  const angle = cut.lastIndexOf('<');
  if (angle > cut.lastIndexOf('>')) cut = cut.slice(0, angle);
  cut = cut.replace(/&[a-z]{0,3}$/, '').replace(/[\uD800-\uDBFF]$/, '');
  const isFenceOpen = (cut.match(/```/g)?.length ?? 0) % 2 === 1;
  return isFenceOpen ? `${cut.replace(/`+$/, '')}…\n\`\`\`` : `${cut}…`;
}
