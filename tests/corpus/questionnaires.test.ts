import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Measured } from './measuring.ts'
import { measureCorpus } from './measuring.ts'

let measured: Measured

beforeAll(async () => {
  measured = await measureCorpus(fileURLToPath(new URL('questionnaires', import.meta.url)))
})

describe('letters as libraries write them', () => {
  it('are never read wrongly: what is taken as sure is what was written', () => {
    expect(measured.wrong).toEqual([])
  })

  it('give no reader whom nobody wrote down', () => {
    expect(measured.invented).toEqual([])
  })

  it('are read without asking in at least nine of ten fields', () => {
    expect(measured.right / measured.fields).toBeGreaterThanOrEqual(0.9)
  })

  it('are answered with what is wrong where a part must be refused', () => {
    expect(measured.unnamed).toEqual([])
  })

  it('give the figures that the documents state', async () => {
    const page = await readFile(new URL('../../docs/questionnaires-by-mail.md', import.meta.url), 'utf8')
    const share = ((100 * measured.right) / measured.fields).toFixed(1)
    expect(page).toContain(
      `${measured.mails} letters, ${measured.questionnaires} questionnaires, ${measured.fields} fields: ` +
        `${measured.right} (${share} %) taken as sure and right, ${measured.wrong.length} wrong`,
    )
  })
})
