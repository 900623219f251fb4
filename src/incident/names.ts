/**
 * The words of Backout, in the order in which a rollback meets them.
 *
 * target    one database with its migrations, the services that use it and the people who answer for it
 * incident  one rollback, from `start` to `close`
 * person    one human, with all the names we know them by
 * fact      something read from the target, with the time it was read
 * plan      from version, to version, the down files, the steps, and a hash over what must not change
 * operation one run of one job
 * gate      what must be true before a stage, and who can make it true
 * evidence  a checklist item proven by a job, with its output digest
 * claim     a checklist item answered by a person
 * approval  one person's yes to exactly one plan hash in one role
 * refusal   a "no" with the next command to type
 * fault     the world did not cooperate
 * page      a call to a person outside Slack
 * surface   one Slack message that shows a part of an incident
 */
import { z } from 'zod';

export const IncidentId = z.templateLiteral(['INC-', z.number().int().positive()]);
export type IncidentId = z.infer<typeof IncidentId>;

/** Numbered within its incident; `INC-42/op-7` names it everywhere, also in `pg_stat_activity`. */
export const OperationId = z.templateLiteral([IncidentId, '/op-', z.number().int().positive()]);
export type OperationId = z.infer<typeof OperationId>;

export const Sha256 = z.templateLiteral(['sha256:', z.string()]);
export type Sha256 = z.infer<typeof Sha256>;
export type PlanHash = Sha256;

/** A migration version as golang-migrate writes it: decimal, without leading zeros. */
export const Version = z.string().regex(/^(0|[1-9][0-9]{0,19})$/);
export type Version = z.infer<typeof Version>;

/** A key of `people` in the configuration, or `slack:U…` for a member nobody has listed. */
export const PersonId = z.string().min(1);
export type PersonId = z.infer<typeof PersonId>;

export const RoleName = z.enum(['on_call', 'dba', 'platform_lead']);
export type RoleName = z.infer<typeof RoleName>;

/** The two keys. Both must turn, by two different people. */
export const ApprovalRole = RoleName.extract(['on_call', 'dba']);
export type ApprovalRole = z.infer<typeof ApprovalRole>;
export const APPROVAL_ROLES = ApprovalRole.options;

export const ROLE_TITLES: Readonly<Record<RoleName, string>> = {
  on_call: 'on-call engineer',
  dba: 'database administrator',
  platform_lead: 'platform team lead',
};

/** Something that may not be known, because a right is missing or a question timed out. */
export function known<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('state', [
    z.object({ state: z.literal('known'), value }),
    z.object({ state: z.literal('unknown'), why: z.string() }),
  ]);
}
export type Known<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'unknown'; readonly why: string };

/** Orders two versions as golang-migrate does: as whole numbers, not as text. */
export function compareVersions(left: Version, right: Version): number {
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `7`, or what a person calls the state before the first migration. */
export function sayVersion(version: Version | null): string {
  return version ?? 'before the first migration';
}
