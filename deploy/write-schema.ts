/** Writes the JSON schema of backout.yaml, by which editors complete and check it: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigFileSchema } from '../src/config-file.ts';

export const SCHEMA_FILE = join(import.meta.dirname, 'backout.schema.json');

/** As it is to stand in the file. */
export function schemaText(): string {
  const schema = z.toJSONSchema(ConfigFileSchema, { io: 'input' });
  const titled = {
    $schema: schema.$schema,
    title: 'backout.yaml',
    description: 'Which databases Backout can roll back, what uses them, and who answers for them.',
    ...schema,
  };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, schemaText());
