/** What the application's role may do with history: given by the owner, then asked of PostgreSQL itself. */
import pg from 'pg';
import { z } from 'zod';

const History = z.object({ owner: z.string(), me: z.string(), mayGrant: z.boolean() });
const Rights = z.object({
  role: z.string(),
  isSuperuser: z.boolean(),
  ownsTables: z.boolean(),
  ownsSchema: z.boolean(),
  mayChange: z.boolean(),
  mayAdd: z.boolean(),
});
type Rights = z.infer<typeof Rights>;

/**
 * Gives the application's role exactly the rights it needs, and looks at what it really has. With a role of its own
 * it must not be able to change history: otherwise Backout does not start. True when one role does everything, and
 * so could change history.
 */
export async function settleRights(given: {
  readonly owner: pg.Client;
  readonly app: pg.Client;
  /** Held by the owner's connection: only in the same database does it stand in the application's way. */
  readonly lock: number;
}): Promise<boolean> {
  const { owner, app, lock } = given;
  const history = History.parse(
    (
      await owner.query(
        `select tableowner as owner, current_user as me,
          pg_has_role(tableowner, 'usage') as "mayGrant"
        from pg_tables
        where schemaname = 'backout' and tablename = 'events'`,
      )
    ).rows[0],
  );
  await refuseOtherDatabase(app, lock);
  const before = await readRights(app);
  const isOneRole = before.role === history.me;
  if (!isOneRole && isMaster(before)) throw new Error(sayUnfit(before, history.owner));
  if (!isOneRole && history.mayGrant) await grant(owner, before.role);
  const rights = await readRights(app);
  const isUnfit = isMaster(rights) || rights.mayChange;
  if (isUnfit && !isOneRole) throw new Error(sayUnfit(rights, history.owner));
  if (!rights.mayAdd) throw new Error(sayPowerless(rights, history, isOneRole));
  return isUnfit;
}

/** What rights nobody can take from it while it is that. */
function isMaster({ isSuperuser, ownsTables, ownsSchema }: Rights): boolean {
  return isSuperuser || ownsTables || ownsSchema;
}

async function refuseOtherDatabase(app: pg.Client, lock: number): Promise<void> {
  const { rows } = await app.query('select pg_try_advisory_xact_lock($1) as free', [lock]);
  if (!z.object({ free: z.boolean() }).parse(rows[0]).free) return;
  throw new Error(
    'STORE_URL and STORE_OWNER_URL lead to different databases: give both the same host, port and database.',
  );
}

async function readRights(app: pg.Client): Promise<Rights> {
  const { rows } = await app.query(
    `select current_user as role,
      (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
      pg_has_role(c.relowner, 'member') as "ownsTables",
      pg_has_role(n.nspowner, 'member') as "ownsSchema",
      has_table_privilege(c.oid, 'update, delete, truncate')
        or has_any_column_privilege(c.oid, 'update') as "mayChange",
      has_schema_privilege(n.oid, 'usage')
        and has_table_privilege(c.oid, 'select')
        and has_table_privilege(c.oid, 'insert') as "mayAdd"
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'backout' and c.relname = 'events'`,
  );
  return Rights.parse(rows[0]);
}

/** Of default privileges too: whoever is in such a group could change history. */
async function takeFromOthers(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query(
    `select distinct case g.grantee when 0 then 'public' else g.grantee::regrole::text end as other
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid
    cross join lateral (
      select * from aclexplode(c.relacl) union all select * from aclexplode(a.attacl)
    ) g
    where c.oid = 'backout.events'::regclass
      and g.grantee <> c.relowner
      and g.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')`,
  );
  for (const { other } of z.array(z.object({ other: z.string() })).parse(rows)) {
    await owner.query(`revoke update, delete, truncate on backout.events from ${other} cascade`);
  }
}

/** The application adds to history and cannot change it; of an approval it may change the state alone. */
async function grant(owner: pg.Client, role: string): Promise<void> {
  const app = pg.escapeIdentifier(role);
  await takeFromOthers(owner);
  await owner.query(`
    revoke all on all tables in schema backout from ${app};
    grant usage on schema backout to ${app};
    grant select on all tables in schema backout to ${app};
    grant insert on all tables in schema backout to ${app};
    revoke insert on backout.schema_version from ${app};
    grant update (is_open, channel, seq) on backout.incidents to ${app};
    grant update (state) on backout.approvals to ${app};
    grant update (state, fence, tries, worker, lease_until, offered_at, cancel_asked, progress, recorded, tail)
      on backout.operations to ${app};
    grant update, delete on backout.surfaces, backout.drawn, backout.timers, backout.leases to ${app};
    grant usage on all sequences in schema backout to ${app}`);
}

function sayUnfit({ role, isSuperuser, ownsTables, ownsSchema }: Rights, owner: string): string {
  const [app, theirs] = [role, owner].map((one) => pg.escapeIdentifier(one));
  const could = `The role of STORE_URL, ${role}, could change history`;
  if (role === owner) {
    return `${could}: it owns the tables. Give its address as STORE_OWNER_URL, and another role's as STORE_URL: \`create role backout_app login password '…'\`.`;
  }
  if (isSuperuser) {
    return `${could}: it is a superuser. Give STORE_URL a role that is none: \`create role backout_app login password '…'\`.`;
  }
  if (ownsTables) {
    return `${could}: it is a member of the role that owns the tables. Type \`revoke ${theirs} from ${app}\` into the store, or give STORE_URL another role.`;
  }
  return ownsSchema
    ? `${could}: the schema belongs to it. Type \`alter schema backout owner to ${theirs}\` into the store.`
    : `${could}: it was given the right to. Type \`revoke update, delete, truncate on backout.events from ${app}, public\` into the store, and take it out of roles that have that right.`;
}

function sayPowerless(
  { role }: Rights,
  { owner, me }: z.infer<typeof History>,
  isOneRole: boolean,
): string {
  const lacks = `The role of STORE_URL, ${role}, may not add to history`;
  return isOneRole
    ? `${lacks}. Start Backout once with the address of ${owner}, who owns the tables, as STORE_OWNER_URL: then it gives the rights.`
    : `${lacks}, and that of STORE_OWNER_URL, ${me}, cannot give it the right: the tables belong to ${owner}. Give the address of ${owner} as STORE_OWNER_URL.`;
}
