import pg from 'pg'

/** Runs of a statement in this process after which the server keeps its plan. */
export const oftenRun = 200
/** Each kept plan costs memory in every connection; the hot paths are a few dozen statements. */
const mostNames = 40
/** How many statements are counted; texts beyond these are as rare as lists of ever other lengths. */
const mostCounted = 1000

/**
 * In the text of a statement whose best plan depends on its values, such as a search on how common its words
 * are: it is planned anew each time.
 */
export const plannedForValues = '/* planned for its values */'

export interface StatementNames {
  /** The name of a statement that is run often; undefined for the others. Each call counts as a run. */
  of(text: string): string | undefined
  /** The statement is counted anew, and gets another name if it gets one. */
  forget(text: string): void
}

export function createStatementNames(): StatementNames {
  const runs = new Map<string, number>()
  const names = new Map<string, string>()
  let given = 0
  return {
    of(text) {
      if (text.includes(plannedForValues)) return undefined
      const name = names.get(text)
      if (name || names.size >= mostNames) return name
      const count = (runs.get(text) ?? 0) + 1
      if (count >= oftenRun) {
        runs.delete(text)
        names.set(text, `often_${given++}`)
      } else if (count > 1 || runs.size < mostCounted) runs.set(text, count)
      return undefined
    },
    forget: (text) => void names.delete(text),
  }
}

/**
 * A client whose frequent statements the server keeps parsed and planned: half of its time for a page, and a
 * third of ours. One name means one text, in every connection of a pool.
 */
export function frequentStatementsClient(): typeof pg.Client {
  const names = createStatementNames()
  return class extends pg.Client {
    // Kysely asks with text and values alone; every other way of asking goes on as it is.
    // oxlint-disable-next-line typescript/no-explicit-any
    override query(config: any, values?: any, callback?: any): any {
      if (typeof config !== 'string' || !Array.isArray(values) || callback)
        return super.query(config, values, callback)
      const name = names.of(config)
      if (!name) return super.query(config, values)
      return super.query({ name, text: config, values }).catch((error: unknown) => {
        // A migration has changed a table below a kept plan ("cached plan must not change result type").
        if ((error as { code?: string }).code === '0A000') names.forget(config)
        throw error
      })
    }
  }
}
