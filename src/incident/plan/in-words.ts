/** A plan as somebody reads it who is about to say yes or no. */
import type { Facts } from '../facts/facts.ts';
import type { PlanHash } from '../names.ts';
import { sayVersion } from '../names.ts';
import type { Plan } from './plan.ts';
import { shortHash } from './plan.ts';
import { asIs, counted, listedUpTo } from '../text.ts';

const NAMES_MAX = 8;

/** What two people approve, short enough for the head of a form. */
export function sayPlan(plan: Plan, hash: PlanHash): string {
  const files = plan.files.map((one) => `\`${one.file}\``);
  return [
    `Plan \`${shortHash(hash)}\`: \`${plan.database}\` from version ${plan.from} to ${sayVersion(plan.to)}.`,
    `Runs, in this order: ${listedUpTo(files, NAMES_MAX)}.`,
    ...(plan.nothingToUndo.length === 0
      ? []
      : [`Agreed to need nothing: ${listedUpTo(plan.nothingToUndo, NAMES_MAX)}.`]),
    plan.services.length === 0
      ? 'No service is stopped for it.'
      : `Stopped meanwhile: ${listedUpTo(plan.services, NAMES_MAX)}.`,
  ].join('\n');
}

/** One file that would run, as it was read for this plan. */
export interface Preview {
  readonly head: string;
  /** Its beginning, which says what it does; its end does not. Empty where it would say nothing. */
  readonly sql: string;
}

const SQL_MAX = 600;
/** Less than this says nothing. */
const SQL_MIN = 120;
const WITH_SQL_MAX = 8;

/** `sqlMax` is for all files together. */
export function previewsOf(
  plan: Plan,
  facts: Facts | undefined,
  { sqlMax }: { readonly sqlMax: number },
): readonly Preview[] {
  const files = plan.files.filter(({ version }) => !plan.nothingToUndo.includes(version));
  const room = Math.max(SQL_MIN, Math.min(SQL_MAX, Math.floor(sqlMax / Math.max(1, files.length))));
  const known = facts?.folder.migrations ?? [];
  return files
    .flatMap((file) => {
      const down = known.find((one) => one.version === file.version)?.down;
      return down?.sha256 === file.sha256 ? [down] : [];
    })
    .map((down, at) => {
      const whole = down.transactional ? 'all or nothing' : '*can stop half-way*';
      return {
        head: `${asIs(down.file)}: ${counted(down.statements, 'statement')}, ${whole}`,
        sql: at < WITH_SQL_MAX ? beginning(down.sql, room) : '',
      };
    });
}

function beginning(sql: string, room: number): string {
  const text = sql.replace(/^(\s*--[^\n]*\n|\s+)+/, '').trimEnd();
  if (text.length <= room) return text;
  return `${text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}\n…`;
}

/** A paragraph for each file, without an empty line in it. */
export function sayPreviews(
  plan: Plan,
  facts: Facts | undefined,
  room: { readonly sqlMax: number },
): readonly string[] {
  return previewsOf(plan, facts, room).map(({ head, sql }) => {
    if (sql === '') return head;
    const inside = asIs(sql)
      .replaceAll('```', "'''")
      .replaceAll(/\n\s*\n/g, '\n');
    return `${head}\n\`\`\`\n${inside}\n\`\`\``;
  });
}
