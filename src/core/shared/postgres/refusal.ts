import { outageOf } from '../outage.ts'

/** PostgreSQL, appendix A: no such role, a wrong password; no such database. */
const sentences: Record<string, string> = {
  '28000': 'PostgreSQL не принимает имя или пароль. Исправьте DATABASE_URL.',
  '28P01': 'PostgreSQL не принимает имя или пароль. Исправьте DATABASE_URL.',
  '3D000': 'Такой базы данных на сервере PostgreSQL нет. Создайте её или исправьте DATABASE_URL.',
}

/** Why the database can't be worked with, for whoever starts the system or a command; undefined for other errors. */
export function databaseRefusal(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  const told = typeof code === 'string' ? sentences[code] : undefined
  if (told || outageOf(error) !== 'database') return told
  return 'База данных не отвечает. Проверьте, работает ли PostgreSQL и верен ли адрес в DATABASE_URL.'
}
