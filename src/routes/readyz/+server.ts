import type { Readiness } from '#core/shared/readiness.ts'
import type { RequestHandler } from './$types'

/** For whoever looks after the server, in the words of its documentation. */
const words: Record<keyof Readiness, [well: string, away: string]> = {
  database: ['База данных отвечает.', 'База данных не отвечает.'],
  storage: ['В папку данных можно писать.', 'В папку данных нельзя писать.'],
  worker: ['Обработчик заданий работает.', 'Обработчик заданий молчит.'],
}

/** 200 when all parts answer, else 503; in words, one part a line. */
export const GET: RequestHandler = async ({ locals }) => {
  const parts = await locals.app.readiness()
  const lines = Object.entries(words).map(([part, [well, away]]) =>
    parts[part as keyof Readiness] ? well : away,
  )
  const ready = Object.values(parts).every(Boolean)
  if (!ready && (await locals.app.watching.outOfSpace())) lines.push('На диске с базой кончилось место.')
  return new Response(`${lines.join('\n')}\n`, {
    status: ready ? 200 : 503,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}
