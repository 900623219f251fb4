/** Tables, views and what belongs to them, one line each. `$1` is the migration tool's own table. */
import { isTheirRelation } from './user-objects.ts';

const RELATIONS = `
  select concat_ws(' ',
           case relkind
             when 'r' then 'table'
             when 'p' then 'partitioned table'
             when 'v' then 'view'
             when 'm' then 'materialized view'
             when 'f' then 'foreign table'
             else 'composite type'
           end,
           format('%I.%I', nspname, relname),
           case relpersistence when 'u' then 'unlogged' end,
           'partition by ' || pg_get_partkeydef(pg_class.oid),
           pg_get_expr(relpartbound, pg_class.oid),
           'inherits ' || (select string_agg(inhparent::regclass::text, ', ' order by inhseqno)
                             from pg_inherits where inhrelid = pg_class.oid),
           'of ' || nullif(reloftype, 0)::regtype,
           'with ' || array_to_string(reloptions, ', '),
           case when relrowsecurity then 'with row security' end,
           case when relforcerowsecurity then 'forced' end,
           case when relkind in ('r', 'p') and relreplident <> 'd'
                then 'replica identity ' || relreplident::text end,
           'in tablespace ' || (select spcname from pg_tablespace where oid = reltablespace),
           case when relkind in ('v', 'm') then md5(pg_get_viewdef(pg_class.oid)) end,
           case when relkind = 'm' and not relispopulated then 'not populated' end) as line
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
   where relkind in ('r', 'p', 'v', 'm', 'f', 'c')
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

/** By name and without their position. Some columns of the catalog are younger than PostgreSQL 13: hence jsonb. */
const COLUMNS = `
  select concat_ws(' ',
           'column',
           format('%I.%I.%I', nspname, relname, attname),
           format_type(atttypid, atttypmod),
           case when attcollation <> typcollation then 'collate ' || attcollation::regcollation end,
           case when attnotnull then 'not null' end,
           case attidentity when 'a' then 'identity always' when 'd' then 'identity by default' end,
           case attgenerated when 's' then 'generated' when 'v' then 'generated virtual' else
             case when adbin is not null then 'default' end
           end,
           pg_get_expr(adbin, adrelid),
           case when attstorage <> typstorage then 'storage ' || attstorage::text end,
           'compression ' || nullif(to_jsonb(pg_attribute) ->> 'attcompression', ''),
           'with ' || array_to_string(attoptions, ', ')) as line
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    join pg_namespace on pg_namespace.oid = relnamespace
    join pg_type on pg_type.oid = atttypid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
   where attnum > 0
     and not attisdropped
     and relkind in ('r', 'p', 'v', 'm', 'f', 'c')
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

/** NOT NULL has rows here since PostgreSQL 18; the columns say it already, unless it is not validated. */
const CONSTRAINTS = `
  select format('constraint %I.%I.%I %s', nspname, relname, conname,
                pg_get_constraintdef(pg_constraint.oid)) as line
    from pg_constraint
    join pg_class on pg_class.oid = conrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where (contype in ('c', 'f', 'p', 'u', 'x') or (contype = 'n' and not convalidated))
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

const INDEXES = `
  select concat_ws(' ',
           'index',
           format('%I.%I', nspname, index.relname),
           pg_get_indexdef(indexrelid),
           case when not (indisvalid and indisready and indislive) then 'invalid' end,
           case when indisclustered then 'clustered' end,
           case when indisreplident then 'replica identity' end) as line
    from pg_index
    join pg_class as index on index.oid = indexrelid
    join pg_namespace on pg_namespace.oid = index.relnamespace
   where ${isTheirRelation('indrelid', 'nspname')}`;

const TRIGGERS = `
  select concat_ws(' ',
           'trigger',
           format('%I.%I', nspname, relname),
           pg_get_triggerdef(pg_trigger.oid),
           case tgenabled when 'D' then 'disabled' when 'A' then 'always' when 'R' then 'on replica' end
         ) as line
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where not tgisinternal
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

/** \`disable trigger all\` also stops foreign keys, which are triggers without a name of their own. */
const UNENFORCED = `
  select distinct format('constraint %I.%I.%I is not enforced', nspname, relname, conname) as line
    from pg_trigger
    join pg_constraint on pg_constraint.oid = tgconstraint
    join pg_class on pg_class.oid = tgrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where tgisinternal
     and tgenabled <> 'O'
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

const RULES = `
  select format('rule %I.%I %s %s', nspname, relname, pg_get_ruledef(pg_rewrite.oid), ev_enabled)
           as line
    from pg_rewrite
    join pg_class on pg_class.oid = ev_class
    join pg_namespace on pg_namespace.oid = relnamespace
   where rulename <> '_RETURN'
     and ${isTheirRelation('pg_class.oid', 'nspname')}`;

const POLICIES = `
  select concat_ws(' ',
           'policy',
           format('%I.%I.%I', nspname, relname, polname),
           case when polpermissive then 'permissive' else 'restrictive' end,
           'for', polcmd,
           'to', (select string_agg(coalesce(rolname, 'public'), ', ' order by rolname)
                    from unnest(polroles) as role
                    left join pg_roles on pg_roles.oid = role),
           'using ' || pg_get_expr(polqual, polrelid),
           'with check ' || pg_get_expr(polwithcheck, polrelid)) as line
    from pg_policy
    join pg_class on pg_class.oid = polrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where ${isTheirRelation('pg_class.oid', 'nspname')}`;

const STATISTICS = `
  select 'statistics ' || pg_get_statisticsobjdef(pg_statistic_ext.oid) as line
    from pg_statistic_ext
    join pg_namespace on pg_namespace.oid = stxnamespace
   where ${isTheirRelation('stxrelid', 'nspname')}`;

const SEQUENCES = `
  select concat_ws(' ',
           'sequence',
           format('%I.%I', nspname, relname),
           seqtypid::regtype, 'start', seqstart, 'increment', seqincrement,
           'from', seqmin, 'to', seqmax, 'cache', seqcache,
           case when seqcycle then 'cycle' end,
           'owned by ' || (select format('%s.%I', refobjid::regclass, attname)
                             from pg_depend
                             join pg_attribute on attrelid = refobjid and attnum = refobjsubid
                            where classid = 'pg_class'::regclass
                              and objid = seqrelid
                              and refclassid = 'pg_class'::regclass
                              and deptype in ('a', 'i'))) as line
    from pg_sequence
    join pg_class on pg_class.oid = seqrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where ${isTheirRelation('pg_class.oid', 'nspname')}`;

export const RELATION_QUERIES: readonly string[] = [
  RELATIONS,
  COLUMNS,
  CONSTRAINTS,
  INDEXES,
  TRIGGERS,
  UNENFORCED,
  RULES,
  POLICIES,
  STATISTICS,
  SEQUENCES,
];
