import { getDocumentProxy } from 'unpdf'
import type { PDFPageProxy } from 'unpdf/pdfjs'
import { questionnaireLimits } from '../questionnaire.ts'
import type { Block, ReadDocument } from '../document.ts'
import { drawingOf } from './pdf-drawing.ts'
import { blocksOfPage } from './pdf-layout.ts'
import type { PlacedText } from './pdf-text.ts'
import { Unreadable } from './unreadable.ts'

/** Texts and drawn tables of a PDF, and what is filled into its fields. No script runs, no font is fetched. */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  const pdf = await openPdf(bytes)
  try {
    const blocks: Block[] = []
    const count = Math.min(pdf.numPages, questionnaireLimits.pages)
    for (let number = 1; number <= count; number += 1) {
      const page = await pdf.getPage(number)
      const { fnArray, argsArray } = await page.getOperatorList()
      const { rules, texts } = drawingOf(fnArray, argsArray, (font) => scaleOf(page, font))
      texts.push(...fieldsOf(await page.getAnnotations()))
      blocks.push(...blocksOfPage(texts, rules, number))
      page.cleanup()
    }
    const empty = blocks.every((block) => block.kind === 'line' && block.text.trim() === '')
    if (empty) throw new Unreadable('no_text')
    return { blocks, cut: pdf.numPages > count }
  } finally {
    await pdf.loadingTask.destroy()
  }
}

async function openPdf(bytes: Uint8Array) {
  try {
    return await getDocumentProxy(Uint8Array.from(bytes), {
      disableFontFace: true,
      useSystemFonts: false,
      verbosity: 0,
    })
  } catch (error) {
    throw error instanceof Error && error.name === 'PasswordException' ? new Unreadable('encrypted') : error
  }
}

/** How wide a unit of a font's widths is; type 3 fonts say it themselves. */
function scaleOf(page: PDFPageProxy, font: string): number {
  const shared = font.startsWith('g_') ? page.commonObjs : page.objs
  if (!shared.has(font)) return 0.001
  const { fontMatrix } = shared.get(font) as { fontMatrix?: number[] }
  return fontMatrix?.[0] || 0.001
}

/** Values of fields and what was typed over the page, as text at their place. */
function fieldsOf(annotations: readonly Record<string, unknown>[]): PlacedText[] {
  return annotations.flatMap(({ subtype, fieldType, fieldValue, contentsObj, rect }) => {
    const typed = subtype === 'FreeText' ? (contentsObj as { str?: string } | undefined)?.str : undefined
    const value = fieldType === 'Tx' ? fieldValue : typed
    if (typeof value !== 'string' || value.trim() === '' || !Array.isArray(rect)) return []
    const [x, bottom, right, top] = rect as [number, number, number, number]
    return [
      {
        text: value,
        x,
        y: bottom + (top - bottom) / 3,
        width: right - x,
        height: Math.min(top - bottom, 12),
      },
    ]
  })
}
