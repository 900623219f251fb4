/** Backout's own database with its two roles: the owner migrates it, the application only adds to its history. */
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

export interface StoreUrls {
  readonly ownerUrl: string;
  readonly applicationUrl: string;
}

const DATABASE = 'backout';

export async function makeStore(superuserUrl: string): Promise<StoreUrls> {
  const owner = { name: 'backout_owner', password: randomBytes(18).toString('base64url') };
  const application = { name: 'backout_app', password: randomBytes(18).toString('base64url') };
  const database = escapeIdentifier(DATABASE);
  const client = new Client({ connectionString: superuserUrl, application_name: 'sandbox' });
  await client.connect();
  try {
    for (const { name, password } of [owner, application]) {
      await client.query(
        `create role ${escapeIdentifier(name)} login password ${escapeLiteral(password)}`,
      );
    }
    await client.query(`create database ${database} owner ${escapeIdentifier(owner.name)}`);
    await client.query(`revoke all on database ${database} from public`);
    await client.query(
      `grant connect on database ${database} to ${escapeIdentifier(application.name)}`,
    );
  } finally {
    await client.end();
  }
  const urlOf = ({ name, password }: typeof owner): string =>
    Object.assign(new URL(superuserUrl), { username: name, password, pathname: `/${DATABASE}` })
      .href;
  return { ownerUrl: urlOf(owner), applicationUrl: urlOf(application) };
}
