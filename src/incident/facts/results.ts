/** What each job says when it has ended. The fold and the plan read these; nothing is parsed from text. */
import { z } from 'zod';
import { Backup } from './backup.ts';
import { Facts, Performance, VersionRow } from './facts.ts';
import { Sha256, Version } from '../names.ts';

const ServiceName = z.string();
export const ServiceResult = z.object({
  service: ServiceName,
  ok: z.boolean(),
  says: z.string(),
});
export type ServiceResult = z.infer<typeof ServiceResult>;

/** What the schema is now, by looking at it and not by what the tool said. */
export const SchemaState = z.enum(['unchanged', 'rolled-back', 'unknown']);
export type SchemaState = z.infer<typeof SchemaState>;

export const Result = z.discriminatedUnion('job', [
  z.object({ job: z.literal('assess'), facts: Facts }),
  z.object({ job: z.literal('back-up'), backup: Backup }),
  z.object({
    job: z.literal('set-maintenance'),
    wanted: z.enum(['on', 'off']),
    configured: z.boolean(),
  }),
  z.object({
    job: z.literal('pause-writers'),
    services: z.array(
      z.object({ service: ServiceName, was: z.enum(['running', 'stopped', 'unknown']) }),
    ),
    /** Null when it was not proven. */
    remainingConnections: z.number().int().nullable(),
  }),
  z.object({
    job: z.literal('run-down'),
    schema: SchemaState,
    version: VersionRow,
    before: Sha256,
    after: Sha256.optional(),
    /** The version whose schema this is; absent when nobody knows. */
    standsAt: Version.nullable().optional(),
    tookMs: z.number(),
    /** The fields of the plan that no longer held when it was computed again under the lock. */
    drift: z.array(z.string()),
  }),
  z.object({
    job: z.literal('verify'),
    version: VersionRow,
    fingerprint: Sha256,
    /** How the schema compares with what was known for this version before. */
    schema: z.enum(['as-known', 'differs', 'first-seen']),
    differences: z.array(z.string()),
    newTrouble: z.array(z.string()),
  }),
  z.object({
    job: z.literal('resume-services'),
    version: z.enum(['previous', 'same']),
    services: z.array(
      /** `switched`: it was told, now or earlier in this incident, to start in the version before. */
      ServiceResult.extend({ switched: z.boolean() }),
    ),
  }),
  z.object({ job: z.literal('check-services'), services: z.array(ServiceResult) }),
  z.object({ job: z.literal('check-performance'), performance: Performance }),
  z.object({ job: z.literal('page'), accepted: z.boolean(), says: z.string() }),
]);
export type Result = z.infer<typeof Result>;
export type JobName = Result['job'];
export type ResultOf<Name extends JobName> = Extract<Result, { job: Name }>;
