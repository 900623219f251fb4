import { z } from 'zod';

const TIMEOUT_MS = 3_000;

const Lock = z.object({ locked: z.boolean(), incident: z.string().nullable() });

export type Lock = Readonly<z.infer<typeof Lock>>;

/** Whether an incident is open for the database, asked of Backout as a deployment would ask; null without an answer. */
export async function lockOf(botUrl: string): Promise<Lock | null> {
  try {
    const response = await fetch(`${botUrl}/locks/auth`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return response.ok ? Lock.parse(await response.json()) : null;
  } catch {
    return null;
  }
}
