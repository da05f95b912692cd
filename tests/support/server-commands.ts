import pg from 'pg'

/** Runs one command on a connection of its own. */
export const onServer = (url: string, command: string, values: unknown[] = []): Promise<pg.QueryResult> =>
  onConnection(url, (client) => client.query(command, values))

/** Several commands on one connection: the server makes a process for each, which costs more than most commands. */
export async function onConnection<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
