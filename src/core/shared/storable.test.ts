import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import { sql } from './db.ts'
import { storable } from './storable.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.dispose())

it('whatever strangers write can be kept as JSON, with what a person can read of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const broken = `\0${text}\ud83d`
      const { rows } = await sql<{ kept: { texts: string[] } }>`
        select ${JSON.stringify(storable({ texts: [broken] }))}::jsonb as kept`.execute(app.db)
      expect(rows[0]?.kept.texts).toEqual([`${text.replaceAll('\0', '')}\ufffd`.toWellFormed()])
    }),
    { numRuns: 50 },
  )
})
