import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { actionText } from './actions.ts'

const core = fileURLToPath(new URL('..', import.meta.url))

/** Actions that are never about a reader or a questionnaire. */
const notAboutPeople =
  /^(backups|cards|catalogue|sessions|settings|setup|staff)\.|^(consents\.publish|destructions\.open|messages\.write-text)$/

describe('extracts of the log', () => {
  it('have words for everything that may be done to a person’s data', () => {
    const actions = readdirSync(core, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .flatMap((path) => [...readFileSync(join(core, path), 'utf8').matchAll(/action: '([a-z.-]+)'/g)])
      .map(([, action = '']) => action)
      .filter((action) => !notAboutPeople.test(action))
    expect(actions.length).toBeGreaterThan(20)
    expect(actions.filter((action) => actionText(action) === action)).toEqual([])
  })
})
