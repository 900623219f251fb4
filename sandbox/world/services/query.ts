import type { Pool, QueryResult } from 'pg';

/** One query. Unlike `pool.query` it keeps the connection when PostgreSQL refuses the SQL. */
export async function query(
  pool: Pool,
  sql: string,
  values: readonly unknown[],
): Promise<QueryResult> {
  const client = await pool.connect();
  try {
    return await client.query(sql, [...values]);
  } finally {
    client.release();
  }
}
