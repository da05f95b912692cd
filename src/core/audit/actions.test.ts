import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { actionTextIn, englishActions } from './actions-en.ts'
import { actionText, knownActions } from './actions.ts'

const core = fileURLToPath(new URL('..', import.meta.url))

describe('the words of the log', () => {
  it('are there for everything that is ever written into it', () => {
    const actions = readdirSync(core, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .flatMap((path) => [...readFileSync(join(core, path), 'utf8').matchAll(/action: '([a-z.-]+)'/g)])
      .map(([, action = '']) => action)
    expect(actions.length).toBeGreaterThan(20)
    expect(actions.filter((action) => actionText(action) === action)).toEqual([])
  })

  it('are the same ones in both languages', () => {
    expect(englishActions.toSorted()).toEqual(knownActions.toSorted())
    expect(actionTextIn('en', 'readers.open')).toBe('reader’s record opened')
    expect(actionTextIn('ru', 'readers.open')).toBe(actionText('readers.open'))
  })
})
