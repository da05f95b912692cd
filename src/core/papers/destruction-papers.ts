import type { TrailEntry } from '../audit/trail.ts'
import { trailOf } from '../audit/trail.ts'
import type { DestructionFacts } from '../destructions/destructions.queries.ts'
import { createDestructionQueries } from '../destructions/destructions.queries.ts'
import { centralLibrary } from '../network/network.ts'
import type { AuditLog } from '../audit/audit.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { renderDestructionAct } from './destruction-act.ts'
import { renderEventLog } from './event-log.ts'
import type { Paper } from './slips.ts'

/** What both papers say of a destruction. */
export interface DestructionPaper {
  facts: DestructionFacts
  operator: { name: string; address: string }
  /** «Смарт-библиотека» and its address: the information system. */
  system: string
  zone: string
}

export interface EventLogPaper extends DestructionPaper {
  trail: TrailEntry[]
}

/** Proof of a destruction (Roskomnadzor's order № 179 of 28.10.2022): the act and the extract of the log. */
export function createDestructionPapers(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  origin: string
}) {
  const { db, origin } = deps
  const queries = createDestructionQueries(deps)

  async function gather(actor: Authorised<'destructions.decide'>, id: string): Promise<DestructionPaper> {
    const facts = await queries.facts(actor, id)
    const { name, address } = await centralLibrary(db)
    const settings = await readSettings(db)
    return {
      facts,
      operator: { name, address },
      system: `Смарт-библиотека (${origin})`,
      zone: settings['region.timeZone'],
    }
  }

  return {
    /** @throws notFound until it is carried out */
    async act(actor: Authorised<'destructions.decide'>, id: string): Promise<Paper> {
      const pdf = await renderDestructionAct(await gather(actor, id))
      return { pdf, name: `akt-unichtozheniya-${id}.pdf` }
    },

    /** @throws notFound until it is carried out */
    async eventLog(actor: Authorised<'destructions.decide'>, id: string): Promise<Paper> {
      const paper = await gather(actor, id)
      const { readers, applications } = paper.facts.destroyed
      const trail = await trailOf(db, { readers, applications })
      return { pdf: await renderEventLog({ ...paper, trail }), name: `vypiska-iz-zhurnala-${id}.pdf` }
    },
  }
}
