/** What is no table: types, functions, extensions, owners and grants, one line each. `$1` as for relations. */
import { isOfExtension, isTheirRelation, isUserSchema } from './user-objects.ts';

const SCHEMAS = `
  select format('schema %I', nspname) as line
    from pg_namespace
   where ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_namespace', 'pg_namespace.oid')}`;

/** An aggregate has no definition that PostgreSQL prints. */
const FUNCTIONS = `
  select format('%s %I.%I(%s) %s',
           case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
           nspname, proname, pg_get_function_identity_arguments(pg_proc.oid),
           case prokind
             when 'a' then (select md5(concat_ws('|', aggtransfn::regprocedure,
                                     aggfinalfn::regprocedure, aggcombinefn::regprocedure,
                                     aggkind, aggtranstype::regtype, agginitval))
                              from pg_aggregate where aggfnoid = pg_proc.oid)
             else md5(pg_get_functiondef(pg_proc.oid))
           end) as line
    from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
   where ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_proc', 'pg_proc.oid')}`;

const TYPES = `
  select concat_ws(' ',
           case typtype when 'e' then 'enum' when 'd' then 'domain' when 'r' then 'range' else 'type' end,
           format('%I.%I', nspname, typname),
           (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
              from pg_enum where enumtypid = pg_type.oid),
           'of ' || (select rngsubtype::regtype from pg_range where rngtypid = pg_type.oid),
           case when typtype = 'd' then format_type(typbasetype, typtypmod) end,
           case when typtype = 'd' and typcollation <> 0 then 'collate ' || typcollation::regcollation end,
           case when typnotnull then 'not null' end,
           'default ' || typdefault) as line
    from pg_type
    join pg_namespace on pg_namespace.oid = typnamespace
   where (typtype in ('e', 'd', 'r') or (typtype = 'b' and typelem = 0))
     and ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_type', 'pg_type.oid')}`;

const DOMAIN_CONSTRAINTS = `
  select format('constraint %I.%I.%I %s', nspname, typname, conname,
                pg_get_constraintdef(pg_constraint.oid)) as line
    from pg_constraint
    join pg_type on pg_type.oid = contypid
    join pg_namespace on pg_namespace.oid = typnamespace
   where contype = 'c'
     and ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_type', 'pg_type.oid')}`;

const EXTENSIONS = `
  select format('extension %I %s in %I', extname, extversion, nspname) as line
    from pg_extension
    join pg_namespace on pg_namespace.oid = extnamespace`;

const EVENT_TRIGGERS = `
  select format('event trigger %I on %s %s runs %s, %s', evtname, evtevent, evttags,
                evtfoid::regproc, evtenabled) as line
    from pg_event_trigger
   where not ${isOfExtension('pg_event_trigger', 'pg_event_trigger.oid')}`;

/** A table that is dropped and made again is no longer in its publication. */
const PUBLICATIONS = `
  select format('publication %I all=%s insert=%s update=%s delete=%s truncate=%s root=%s', pubname,
                puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot) as line
    from pg_publication
   union all
  select concat_ws(' ', 'publication', quote_ident(pubname), 'has',
                   format('%I.%I', published.schemaname, published.tablename),
                   to_jsonb(published) ->> 'rowfilter')
    from pg_publication_tables as published
    join pg_publication using (pubname)
   where not puballtables`;

/** What is rare is compared by its identity alone. */
const RARE = [
  ['pg_operator', 'oprnamespace'],
  ['pg_opclass', 'opcnamespace'],
  ['pg_opfamily', 'opfnamespace'],
  ['pg_collation', 'collnamespace'],
  ['pg_conversion', 'connamespace'],
  ['pg_ts_config', 'cfgnamespace'],
  ['pg_ts_dict', 'dictnamespace'],
].map(
  ([catalog, schema]) => `
  select (select type || ' ' || identity
            from pg_identify_object('${catalog}'::regclass, ${catalog}.oid, 0)) as line
    from ${catalog}
    join pg_namespace on pg_namespace.oid = ${schema}
   where ${isUserSchema('nspname')}
     and not ${isOfExtension(catalog ?? '', `${catalog}.oid`)}`,
);

const FIRST_USER_OID = 16_384;
const CASTS_AND_SERVERS = [
  'pg_cast',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_language',
].map(
  (catalog) => `
  select (select type || ' ' || identity
            from pg_identify_object('${catalog}'::regclass, ${catalog}.oid, 0)) as line
    from ${catalog}
   where oid >= ${FIRST_USER_OID}
     and not ${isOfExtension(catalog, `${catalog}.oid`)}`,
);

/** Everything that can be owned and granted: its name, its owner and its grants, its defaults filled in. */
const OWNED = `
  select format('%I.%I', nspname, relname) as name, relowner as owner,
         coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)) as acl
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
   where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     and ${isTheirRelation('pg_class.oid', 'nspname')}
   union all
  select 'schema ' || quote_ident(nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace
   where ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_namespace', 'pg_namespace.oid')}
   union all
  select format('function %I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid)),
         proowner, coalesce(proacl, acldefault('f', proowner))
    from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
   where ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_proc', 'pg_proc.oid')}
   union all
  select format('type %I.%I', nspname, typname), typowner, coalesce(typacl, acldefault('T', typowner))
    from pg_type
    join pg_namespace on pg_namespace.oid = typnamespace
   where typtype in ('e', 'd', 'r')
     and ${isUserSchema('nspname')}
     and not ${isOfExtension('pg_type', 'pg_type.oid')}
   union all
  select format('column %I.%I.%I', nspname, relname, attname), null, attacl
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    join pg_namespace on pg_namespace.oid = relnamespace
   where attacl is not null
     and not attisdropped
     and ${isTheirRelation('pg_class.oid', 'nspname')}
   union all
  select format('future %s in %s by %s', defaclobjtype, coalesce(nspname, 'any schema'), defaclrole::regrole),
         null, defaclacl
    from pg_default_acl
    left join pg_namespace on pg_namespace.oid = defaclnamespace`;

const OWNERS = `
  select format('owner of %s is %s', name, owner::regrole) as line
    from (${OWNED}) as owned
   where owner is not null`;

const GRANTS = `
  select format('grant on %s to %s: %s', name,
                case grantee when 0 then 'public' else grantee::regrole::text end,
                string_agg(privilege_type || case when is_grantable then '*' else '' end, ', '
                           order by privilege_type)) as line
    from (${OWNED}) as owned, aclexplode(acl)
   group by name, grantee`;

export const OBJECT_QUERIES: readonly string[] = [
  SCHEMAS,
  FUNCTIONS,
  TYPES,
  DOMAIN_CONSTRAINTS,
  EXTENSIONS,
  EVENT_TRIGGERS,
  PUBLICATIONS,
  ...RARE,
  ...CASTS_AND_SERVERS,
  OWNERS,
  GRANTS,
];
