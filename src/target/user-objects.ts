/** SQL that tells the team's own objects from those of PostgreSQL, of its extensions and of other sessions. */

/** True for a schema that people made, or `public`. */
export function isUserSchema(name: string): string {
  return String.raw`(${name} not like 'pg\_%' and ${name} <> 'information_schema')`;
}

/** True for an object that an extension brought along. */
export function isOfExtension(catalog: string, oid: string): string {
  return `exists (select from pg_depend as belongs
                   where belongs.classid = '${catalog}'::regclass
                     and belongs.objid = ${oid}
                     and belongs.deptype = 'e')`;
}

/** True for a relation of the team's that is not the migration tool's own table, which is \`$1\`. */
export function isTheirRelation(oid: string, schema: string): string {
  return `(${isUserSchema(schema)}
           and ${oid} is distinct from to_regclass($1)::oid
           and not ${isOfExtension('pg_class', oid)})`;
}
