import { z } from 'zod';
import { Sha256, Version } from '../names.ts';

/** A table or a query that somebody wants as CSV beside the dump. */
export const Export = z.object({
  /** File name without `.csv`: lower-case letters, digits, `_`, `.` and `-`. */
  name: z.string().regex(/^[a-z0-9_][a-z0-9_.-]{0,62}$/),
  source: z.discriminatedUnion('kind', [
    /** `schema.table` or `table`, as somebody typed it. */
    z.object({ kind: z.literal('table'), table: z.string() }),
    /** One SELECT, run read-only in the dump's own snapshot. */
    z.object({ kind: z.literal('query'), sql: z.string() }),
  ]),
});
export type Export = z.infer<typeof Export>;

export const BackupFile = z.object({ file: z.string(), sizeBytes: z.number(), sha256: Sha256 });

/** What a finished back-up is: the manifest beside its files says the same. */
export const Backup = z.object({
  /** Folder under BACKUP_DIR. */
  folder: z.string(),
  takenAt: z.string(),
  database: z.string(),
  systemIdentifier: z.string(),
  /** The version row at the moment of the snapshot; null before the first migration. */
  version: Version.nullable(),
  serverVersion: z.string(),
  clientVersion: z.string(),
  sizeBytes: z.number(),
  files: z.array(BackupFile),
  exports: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      /** Of a table: its schema and name as SQL has them, quoted where they have to be. */
      table: z.string().optional(),
      columns: z.array(z.string()),
      rows: z.number().int(),
      sha256: Sha256,
    }),
  ),
  /** What was named and is not here, though the dump is whole. */
  notExported: z.array(z.object({ name: z.string(), why: z.string() })).optional(),
  /** Over the manifest file itself, byte for byte. */
  manifestSha256: Sha256,
  tookMs: z.number(),
});
export type Backup = z.infer<typeof Backup>;
