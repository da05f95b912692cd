/** A row for each connection of ours to this database but the one that asks. */
export const othersConnected = `select pid from pg_stat_activity where datname = current_database()
  and usename = current_user and pid <> pg_backend_pid() and backend_type = 'client backend'`
