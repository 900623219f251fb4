import { z } from 'zod';
import type { Baseline } from '../incident/facts/facts.ts';
import type { Session } from './connect.ts';
import { isOfExtension, isUserSchema } from './user-objects.ts';

const Named = z.object({ name: z.string() });

/** What deserves a look after a rollback; some of it may have been so for years, so it is compared with before. */
export async function readBaseline(session: Session): Promise<Baseline> {
  const names = async (sql: string): Promise<string[]> =>
    (await session.query(Named, sql)).map(({ name }) => name).sort();
  return {
    notValidated: await names(NOT_VALIDATED),
    invalidIndexes: await names(INVALID_INDEXES),
    disabledTriggers: await names(DISABLED_TRIGGERS),
    leftovers: await names(LEFTOVERS),
  };
}

/** Also those that PostgreSQL 18 calls NOT ENFORCED: they count as not validated. */
const NOT_VALIDATED = `
  select format('%I.%I: %I', nspname, coalesce(relname, typname), conname) as name
    from pg_constraint
    join pg_namespace on pg_namespace.oid = connamespace
    left join pg_class on pg_class.oid = conrelid
    left join pg_type on pg_type.oid = contypid
   where not convalidated
     and ${isUserSchema('nspname')}`;

const INVALID_INDEXES = `
  select format('%I.%I', nspname, index.relname) as name
    from pg_index
    join pg_class as index on index.oid = indexrelid
    join pg_namespace on pg_namespace.oid = index.relnamespace
   where not (indisvalid and indisready and indislive)
     and ${isUserSchema('nspname')}`;

/** A foreign key is enforced by triggers of its own, which have no name worth showing. */
const DISABLED_TRIGGERS = `
  select distinct format('%I.%I: %I', nspname, relname, coalesce(conname, tgname)) as name
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_constraint on pg_constraint.oid = tgconstraint
   where tgenabled = 'D'
     and ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_trigger', 'pg_trigger.oid')}`;

/** An underscore is a wildcard for LIKE: unescaped, \`mybackup\` would be found as well. */
const LEFTOVERS = String.raw`
  select format('%I.%I', nspname, relname) as name
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
   where relkind in ('r', 'p', 'm')
     and relname like '%\_backup%'
     and ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_class', 'pg_class.oid')}`;
