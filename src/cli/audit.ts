import type { App } from '../app.ts'
import type { AuditFault } from '#core/audit/verifying.ts'
import { consoleActor } from '#core/staff/actors.ts'

/** A broken log may have more faults than anybody reads. */
const mostShown = 50

/** `audit verify`: what is wrong with the log and where; its exit code is 1 then. */
export async function verifyAudit(app: App): Promise<number> {
  const outside = await app.auditHead.exists()
  const faults = (await app.auditHead.verify()) ?? []
  if (faults.length > 0) console.error(faultLines(faults))
  if (!outside)
    console.error(
      'Конец журнала вне базы ещё не записан (файл audit.head): отрезанный хвост найти нечем. Его пишет работающая система раз в минуту.',
    )
  if (faults.length === 0) console.log('Журнал цел.')
  return faults.length === 0 ? 0 : 1
}

/** `audit accept`: after the database was restored from a copy. */
export async function acceptAudit(app: App): Promise<number> {
  const { seq } = await app.auditHead.accept(consoleActor())
  console.log(`Журнал принят, последняя запись № ${seq}.`)
  return 0
}

/** What is wrong, a line each, as far as anybody reads. */
export function faultLines(faults: readonly AuditFault[]): string {
  const lines = faults.slice(0, mostShown).map(faultText)
  if (faults.length > mostShown) lines.push(`И ещё нарушений: ${faults.length - mostShown}.`)
  return lines.join('\n')
}

export function faultText({ kind, from, to }: AuditFault): string {
  const [entry, are] = from === to ? [`Запись ${from}`, 'а'] : [`Записи ${from}–${to}`, 'ы']
  const texts: Record<AuditFault['kind'], string> = {
    changed: `${entry}: изменен${are}.`,
    removed: `${entry}: удален${are}.`,
    cut: `${entry}: отрезан${are} с конца журнала.`,
    rebuilt: `${entry}: цепочка составлена заново без ключа.`,
    another: `С записи ${from} это другой журнал: его конец вне базы был иным. После восстановления из копии — audit accept.`,
    head: `Отметка о конце журнала изменена: в ней запись ${from}, а последняя — ${to}.`,
  }
  return texts[kind]
}
