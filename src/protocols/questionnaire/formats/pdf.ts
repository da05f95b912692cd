import { getDocumentProxy } from 'unpdf'
import { questionnaireLimits } from '../questionnaire.ts'
import type { Block, ReadDocument } from '../document.ts'
import { blocksOfPage, type PlacedText } from './pdf-layout.ts'
import { rulesOf } from './pdf-rules.ts'
import { Unreadable } from './unreadable.ts'

/** Texts and drawn tables of a PDF, and what is filled into its fields. No script runs, no font is fetched. */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  const pdf = await openPdf(bytes)
  try {
    const blocks: Block[] = []
    const count = Math.min(pdf.numPages, questionnaireLimits.pages)
    for (let number = 1; number <= count; number += 1) {
      const page = await pdf.getPage(number)
      const { items } = await page.getTextContent()
      const texts = items.flatMap((item): PlacedText[] => {
        if (!('str' in item) || item.str.trim() === '') return []
        const [a = 1, b = 0, , , x = 0, y = 0] = item.transform as number[]
        // Turned text is no row of a form.
        if (Math.abs(b) > Math.abs(a)) return []
        return [{ text: item.str, x, y, width: item.width, height: item.height || Math.abs(a) || 10 }]
      })
      texts.push(...fieldsOf(await page.getAnnotations()))
      const { fnArray, argsArray } = await page.getOperatorList()
      blocks.push(...blocksOfPage(texts, rulesOf(fnArray, argsArray), number))
      page.cleanup()
    }
    const empty = blocks.every((block) => block.kind === 'line' && block.text.trim() === '')
    if (empty) throw new Unreadable('no_text')
    return { blocks, cut: pdf.numPages > count }
  } finally {
    await pdf.destroy()
  }
}

async function openPdf(bytes: Uint8Array) {
  try {
    return await getDocumentProxy(Uint8Array.from(bytes), {
      isEvalSupported: false,
      disableFontFace: true,
      useSystemFonts: false,
      verbosity: 0,
    })
  } catch (error) {
    throw error instanceof Error && error.name === 'PasswordException' ? new Unreadable('encrypted') : error
  }
}

/** Values of fields, as text at their place. */
function fieldsOf(annotations: readonly Record<string, unknown>[]): PlacedText[] {
  return annotations.flatMap(({ fieldType, fieldValue, rect }) => {
    if (
      fieldType !== 'Tx' ||
      typeof fieldValue !== 'string' ||
      fieldValue.trim() === '' ||
      !Array.isArray(rect)
    )
      return []
    const [x, bottom, right, top] = rect as [number, number, number, number]
    return [
      {
        text: fieldValue,
        x,
        y: bottom + (top - bottom) / 3,
        width: right - x,
        height: Math.min(top - bottom, 12),
      },
    ]
  })
}
