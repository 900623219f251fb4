/** What is said of a backup: what it holds, what it proves, and what is kept beside it. */
import type { Backup } from '../facts/backup.ts';
import type { Evidence } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import { shortHash } from '../plan/plan.ts';
import type { ResultOf } from '../facts/results.ts';
import { counted, saySize } from '../text.ts';

const KEPT_NAMED_MAX = 5;
const EVIDENCE_CHARS_MAX = 600;

interface BackupReport {
  readonly outcome: 'succeeded' | 'failed';
  readonly says: string;
  readonly result?: ResultOf<'back-up'>;
  readonly evidence: readonly Evidence[];
}

/** `kept` are all backups of the target, the newest first, this one among them. */
export function reportBackup(backup: Backup, kept: readonly Backup[]): BackupReport {
  const size = saySize(backup.sizeBytes);
  const seconds = Math.max(1, Math.round(backup.tookMs / 1000));
  return {
    outcome: 'succeeded',
    says: [
      `Backup ${backup.folder} is complete: ${size} in ${seconds} s, read back in full, sha256 ${shortHash(backup.manifestSha256)}.`,
      sayNotExported(backup),
      sayKept(backup, kept),
    ]
      .filter((one) => one !== '')
      .join(' '),
    result: { job: 'back-up', backup },
    evidence: [backupEvidence(backup, kept), exportEvidence(backup)],
  };
}

/** Says nothing against the backups that are there: only the names were wrong. */
export function reportMisnamed(wrong: readonly string[]): BackupReport {
  const says = `No new backup was taken, because what was named cannot be exported. ${wrong.map(ended).join(' ')} \`/rollback back-up <table>\` with the right name takes it, \`/rollback back-up no-exports\` takes it without.`;
  return {
    outcome: 'failed',
    says,
    evidence: [{ item: ITEMS.export, verdict: 'refuted', says: says.slice(0, EVIDENCE_CHARS_MAX) }],
  };
}

/** What was named and could not be saved, with what to type next; empty when nothing is missing. */
export function sayNotExported({ notExported = [] }: Backup): string {
  if (notExported.length === 0) return '';
  const each = notExported.map(({ name, why }) => `\`${name}\`: ${ended(why)}`).join(' ');
  return `NOT exported: ${each} The dump holds every table all the same. \`/rollback back-up\` with what can be exported takes a new one, \`/rollback back-up no-exports\` one without.`;
}

/** A server's own words end without a full stop. */
function ended(said: string): string {
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

function sayKept(backup: Backup, kept: readonly Backup[]): string {
  const others = kept.filter((one) => one.folder !== backup.folder);
  if (others.length === 0) return 'It is the only one that is kept of this target.';
  const named = others.slice(0, KEPT_NAMED_MAX).map(sayOne).join('; ');
  const more = others.length - KEPT_NAMED_MAX;
  return `Kept beside it, the newest first: ${named}${more > 0 ? `; and ${more} more` : ''}.`;
}

function sayOne({ folder, takenAt, sizeBytes, version }: Backup): string {
  const at = `${takenAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `${folder} (${at}, ${saySize(sizeBytes)}, version ${version ?? 'none'})`;
}

function backupEvidence(backup: Backup, kept: readonly Backup[]): Evidence {
  const others = kept.filter((one) => one.folder !== backup.folder);
  const [newest] = others;
  const beside =
    newest === undefined
      ? ''
      : ` ${counted(others.length, 'earlier one is', 'earlier ones are')} kept beside it, the newest of them ${sayOne(newest)}.`;
  return {
    item: ITEMS.backup,
    verdict: 'proven',
    says: `${backup.folder}: ${saySize(backup.sizeBytes)}, ${backup.files.length} files with their sha256, read back in full. Not yet restored anywhere.${beside}`,
    digest: backup.manifestSha256,
  };
}

function exportEvidence(backup: Backup): Evidence {
  const item = ITEMS.export;
  const missing = sayNotExported(backup);
  if (backup.exports.length === 0 && missing === '') {
    return {
      item,
      verdict: 'not-applicable',
      says: 'Nobody has named data to export; the dump holds every table. `/rollback back-up <table>` exports one as CSV.',
    };
  }
  const list = backup.exports.map((one) => `${one.file} (${counted(one.rows, 'row')})`).join(', ');
  const saved = list === '' ? '' : `Exported from the dump's own snapshot: ${list}.`;
  return {
    item,
    verdict: missing === '' ? 'proven' : 'refuted',
    says: `${missing} ${saved}`.trim().slice(0, EVIDENCE_CHARS_MAX),
    digest: backup.manifestSha256,
  };
}
