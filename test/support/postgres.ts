import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { inject } from 'vitest';

export interface FreshDatabase extends AsyncDisposable {
  readonly name: string;
  /** As the server's superuser. */
  readonly url: string;
  /** With force: whoever is still connected is disconnected. `await using` does the same. */
  drop(): Promise<void>;
}

export interface FreshRole extends AsyncDisposable {
  readonly name: string;
  readonly password: string;
  /** The same database, as this role. */
  urlOf(database: FreshDatabase): string;
  drop(): Promise<void>;
}

/** A database of its own on the test run's server: empty, or a copy of a template that nobody is connected to. */
export async function freshDatabase(
  options: { readonly template?: string; readonly owner?: string } = {},
): Promise<FreshDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const template =
    options.template === undefined ? '' : ` template ${escapeIdentifier(options.template)}`;
  const owner = options.owner === undefined ? '' : ` owner ${escapeIdentifier(options.owner)}`;
  await asSuperuser(`create database ${name}${template}${owner}`);
  const drop = (): Promise<void> => asSuperuser(`drop database if exists ${name} with (force)`);
  return { name, url: urlWith({ pathname: `/${name}` }), drop, [Symbol.asyncDispose]: drop };
}

/** A role that may log in; `attributes` as in `create role`, such as `createdb` or `bypassrls`. */
export async function freshRole(attributes = ''): Promise<FreshRole> {
  const name = `r_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('base64url');
  await asSuperuser(`create role ${name} login password ${escapeLiteral(password)} ${attributes}`);
  const drop = (): Promise<void> => asSuperuser(`drop role if exists ${name}`);
  return {
    name,
    password,
    urlOf: (database) => urlWith({ pathname: `/${database.name}`, username: name, password }),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgres').superuserUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlWith(parts: Partial<Record<'pathname' | 'username' | 'password', string>>): string {
  return Object.assign(new URL(inject('postgres').superuserUrl), parts).href;
}
