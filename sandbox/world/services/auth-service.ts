import { createHash, randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';

import { bearerOf, jsonOf, messageOf, type Answer, type Asked } from './http.ts';
import { query } from './query.ts';
import type { AuthRelease } from './release.ts';

const Login = z.object({ email: z.string(), password: z.string() });
const Refresh = z.object({ refresh_token: z.string() });
const AccountRow = z.object({ id: z.number(), salt: z.string(), secret_hash: z.string() });
const SessionRow = z.tuple([z.object({ id: z.string() })]);
const RefreshRow = z.object({
  id: z.string(),
  session_id: z.string(),
  account_id: z.number(),
  email: z.string(),
});
const OwnerRow = z.object({ account_id: z.number() });

/** An account that is there in every world, for the health check. */
const PROBED_ACCOUNT = 1;

export interface AuthService {
  readonly pool: Pool;
  readonly release: AuthRelease;
}

export async function answerAuth(service: AuthService, asked: Asked): Promise<Answer> {
  switch (`${asked.method} ${asked.path}`) {
    case 'POST /login':
      return logIn(service, asked);
    case 'POST /refresh':
      return refresh(service, asked);
    case 'POST /introspect':
      return introspect(service, asked);
    case 'GET /health':
      return health(service);
    default:
      return { status: 404, body: { error: 'There is nothing here.' } };
  }
}

async function logIn({ pool, release }: AuthService, asked: Asked): Promise<Answer> {
  const { email, password } = Login.parse(jsonOf(asked));
  const device = z
    .string()
    .nullable()
    .parse(asked.headers['x-device'] ?? null);
  const { rows } = await query(pool, release.findAccount, [email]);
  const [account] = z.array(AccountRow).parse(rows);
  if (account === undefined || hashOf(`${account.salt}:${password}`) !== account.secret_hash) {
    return { status: 401, body: { error: 'Wrong address or password.' } };
  }
  const tokens = {
    token: randomBytes(18).toString('base64url'),
    refresh_token: randomBytes(18).toString('base64url'),
  };
  await inTransaction(pool, 'commit', async (client) => {
    const session = await addSession(client, {
      release,
      accountId: account.id,
      token: tokens.token,
      device,
    });
    await addRefreshToken(client, session, tokens.refresh_token);
    await client.query('insert into login_attempts (account_id, succeeded) values ($1, true)', [
      account.id,
    ]);
    await client.query(`insert into audit_entries (account_id, action) values ($1, 'logged in')`, [
      account.id,
    ]);
  });
  return { status: 200, body: tokens };
}

async function refresh({ pool, release }: AuthService, asked: Asked): Promise<Answer> {
  const { refresh_token } = Refresh.parse(jsonOf(asked));
  const { rows } = await query(pool, release.findRefreshToken, [hashOf(refresh_token)]);
  const [found] = z.array(RefreshRow).parse(rows);
  if (found === undefined) return { status: 401, body: { error: 'This token cannot be used.' } };
  const next = randomBytes(18).toString('base64url');
  await inTransaction(pool, 'commit', async (client) => {
    await client.query('update refresh_tokens set used_at = now() where id = $1', [found.id]);
    await addRefreshToken(client, found.session_id, next);
  });
  return { status: 200, body: { refresh_token: next, email: found.email } };
}

async function introspect({ pool }: AuthService, asked: Asked): Promise<Answer> {
  const token = bearerOf(asked);
  const { rows } = await query(
    pool,
    'select account_id from sessions where token_hash = $1 and expires_at > now()',
    [hashOf(token ?? '')],
  );
  const [owner] = z.array(OwnerRow).parse(rows);
  if (owner === undefined) return { status: 401, body: { error: 'This session is not known.' } };
  return { status: 200, body: owner };
}

/** Does what the endpoints do, without keeping any of it. */
async function health({ pool, release }: AuthService): Promise<Answer> {
  const probes: Readonly<Record<string, (client: PoolClient) => Promise<unknown>>> = {
    'POST /login': async (client) => {
      await client.query(release.findAccount, ['person1@example.com']);
      const token = randomBytes(18).toString('base64url');
      await addSession(client, { release, accountId: PROBED_ACCOUNT, token, device: null });
    },
    'POST /refresh': (client) => client.query(release.findRefreshToken, [hashOf('refresh-1')]),
  };
  const reasons: string[] = [];
  for (const [endpoint, probe] of Object.entries(probes)) {
    try {
      await inTransaction(pool, 'rollback', probe);
    } catch (error) {
      reasons.push(`${endpoint}: ${messageOf(error)}`);
    }
  }
  if (reasons.length === 0) return { status: 200, body: { status: 'healthy' } };
  return { status: 503, body: { status: 'failing', reason: reasons.join('; ') } };
}

async function addSession(
  client: PoolClient,
  session: {
    readonly release: AuthRelease;
    readonly accountId: number;
    readonly token: string;
    readonly device: string | null;
  },
): Promise<string> {
  const { release, accountId, token, device } = session;
  const values = release.sessionValues({ accountId, tokenHash: hashOf(token), device });
  const { rows } = await client.query(release.addSession, [...values]);
  return SessionRow.parse(rows)[0].id;
}

async function addRefreshToken(client: PoolClient, session: string, token: string): Promise<void> {
  await client.query('insert into refresh_tokens (session_id, token_hash) values ($1, $2)', [
    session,
    hashOf(token),
  ]);
}

async function inTransaction(
  pool: Pool,
  ending: 'commit' | 'rollback',
  work: (client: PoolClient) => Promise<unknown>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query(ending);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
