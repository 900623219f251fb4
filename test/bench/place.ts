import { Client } from 'pg';

/** Where the bench works: a private server, and a folder that is removed afterwards. */
export interface Place {
  readonly serverUrl: string;
  readonly folder: string;
}

export async function makeDatabase(place: Place, name: string): Promise<string> {
  await query(place.serverUrl, `create database ${name}`);
  const url = new URL(place.serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** The middle one: a single slow run on a busy machine says nothing. */
export function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
