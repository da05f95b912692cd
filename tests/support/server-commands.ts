import pg from 'pg'

/** Runs one command on the server's own database. */
export async function onServer(
  url: string,
  command: string,
  values: unknown[] = [],
): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(command, values)
  } finally {
    await client.end()
  }
}
