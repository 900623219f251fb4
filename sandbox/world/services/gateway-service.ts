import { existsSync } from 'node:fs';
import type { Pool } from 'pg';
import { z } from 'zod';

import { bearerOf, messageOf, type Answer, type Asked } from './http.ts';
import { query } from './query.ts';
import type { GatewayRelease } from './release.ts';

const CACHED_MS = 5_000;
const CACHED_MAX = 1_000;
const AUTH_TIMEOUT_MS = 3_000;
const PROBED_ACCOUNT = 1;

const Owner = z.object({ account_id: z.number() });
const Profile = z.object({
  display_name: z.string(),
  email: z.string(),
  organisation: z.string(),
  roles: z.array(z.string()),
});
const Reason = z.object({ reason: z.string() }).partial();

export interface GatewayService {
  readonly pool: Pool;
  readonly release: GatewayRelease;
  readonly authUrl: string;
  /** While this file is there, whoever does not come to test the service meets a 503. */
  readonly maintenanceFile: string;
  /** Profiles by account, for a few seconds. */
  readonly cache: Map<
    number,
    { readonly profile: z.infer<typeof Profile>; readonly until: number }
  >;
}

export async function answerGateway(service: GatewayService, asked: Asked): Promise<Answer> {
  const what = `${asked.method} ${asked.path}`;
  if (what === 'GET /health') return health(service);
  if (what === 'POST /cache/drop') return dropCache(service);
  // Smoke tests come before the doors are opened again: the team's own requests are let in.
  const isTest = asked.headers['x-smoke-test'] !== undefined;
  if (!isTest && existsSync(service.maintenanceFile)) {
    return {
      status: 503,
      body: { error: 'maintenance', say: 'We are mending something and will be back soon.' },
    };
  }
  switch (what) {
    case 'POST /login':
    case 'POST /refresh':
      return fromAuth(service, asked);
    case 'GET /me':
      return profile(service, asked);
    default:
      return { status: 404, body: { error: 'There is nothing here.' } };
  }
}

async function profile(service: GatewayService, asked: Asked): Promise<Answer> {
  const owner = await fromAuth(service, { ...asked, method: 'POST', path: '/introspect' });
  if (owner.status !== 200) return owner;
  const { account_id } = Owner.parse(owner.body);
  const cached = service.cache.get(account_id);
  if (cached !== undefined && cached.until > Date.now())
    return { status: 200, body: cached.profile };
  const found = await findProfile(service, account_id);
  if (found === null) return { status: 404, body: { error: 'This account is gone.' } };
  if (service.cache.size >= CACHED_MAX) service.cache.clear();
  service.cache.set(account_id, { profile: found, until: Date.now() + CACHED_MS });
  return { status: 200, body: found };
}

async function findProfile(
  { pool, release }: GatewayService,
  accountId: number,
): Promise<z.infer<typeof Profile> | null> {
  const { rows } = await query(pool, release.findProfile, [accountId]);
  return z.array(Profile).parse(rows)[0] ?? null;
}

async function fromAuth({ authUrl }: GatewayService, asked: Asked): Promise<Answer> {
  const token = bearerOf(asked);
  const device = asked.headers['x-device'];
  const response = await fetch(`${authUrl}${asked.path}`, {
    method: asked.method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(typeof device === 'string' ? { 'x-device': device } : {}),
    },
    ...(asked.method === 'GET' ? {} : { body: asked.rawBody.toString('utf8') }),
    signal: AbortSignal.timeout(AUTH_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`auth-service cannot be reached: ${messageOf(error)}`);
  });
  return { status: response.status, body: await response.json() };
}

async function health(service: GatewayService): Promise<Answer> {
  const reasons: string[] = [];
  try {
    if ((await findProfile(service, PROBED_ACCOUNT)) === null) reasons.push('GET /me: no profile');
  } catch (error) {
    reasons.push(`GET /me: ${messageOf(error)}`);
  }
  try {
    const auth = await fromAuth(service, {
      method: 'GET',
      path: '/health',
      headers: {},
      rawBody: Buffer.alloc(0),
    });
    if (auth.status !== 200)
      reasons.push(`auth-service: ${Reason.parse(auth.body).reason ?? auth.status}`);
  } catch (error) {
    reasons.push(messageOf(error));
  }
  if (reasons.length === 0) return { status: 200, body: { status: 'healthy' } };
  return { status: 503, body: { status: 'failing', reason: reasons.join('; ') } };
}

function dropCache({ cache }: GatewayService): Promise<Answer> {
  const dropped = cache.size;
  cache.clear();
  return Promise.resolve({ status: 200, body: { dropped } });
}
