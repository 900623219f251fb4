/** What the down files of a plan say, cut to fit. A preview: it was read, not run. */
import type { Facts, MigrationFile } from '../../incident/facts.ts';
import type { Plan } from '../../incident/plan.ts';
import { counted } from '../../incident/text.ts';
import { lines } from './parts.ts';
import { fenced, quotedText } from './render.ts';

const SQL_MAX = 600;
/** Less than this says nothing. */
const SQL_MIN = 120;
const WITH_SQL_MAX = 8;

/** Every file that would run, with the beginning of what it does; `sqlMax` is for all of them together. */
export function previewBlocks(
  plan: Plan,
  facts: Facts | undefined,
  { sqlMax }: { readonly sqlMax: number },
): ReturnType<typeof lines> {
  const files = plan.files.filter(({ version }) => !plan.nothingToUndo.includes(version));
  const room = Math.max(SQL_MIN, Math.min(SQL_MAX, Math.floor(sqlMax / Math.max(1, files.length))));
  const known = facts?.folder.migrations ?? [];
  const isReadAt = (file: Plan['files'][number]): MigrationFile['down'] => {
    const down = known.find((one) => one.version === file.version)?.down;
    return down?.sha256 === file.sha256 ? down : undefined;
  };
  const downs = files.flatMap((file) => isReadAt(file) ?? []);
  const others = downs.slice(WITH_SQL_MAX).map((down) => `• ${said(down)}`);
  return [
    ...downs
      .slice(0, WITH_SQL_MAX)
      .flatMap((down) => lines([said(down), fencedBeginning(down.sql, room)])),
    ...lines(others),
  ];
}

function said(down: NonNullable<MigrationFile['down']>): string {
  const whole = down.transactional ? 'all or nothing' : '*can stop half-way*';
  return `${quotedText(down.file)}: ${counted(down.statements, 'statement')}, ${whole}`;
}

/** The beginning of a file says what it does; its end does not. */
function fencedBeginning(sql: string, room: number): string {
  const text = sql.replace(/^(\s*--[^\n]*\n|\s+)+/, '').trimEnd();
  if (text.trim() === '') return '';
  const cut =
    text.length <= room ? text : `${text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}\n…`;
  // Escaping makes it longer, and a fence that is too long would lose its beginning.
  return fenced(cut, room * 5 + 100);
}
