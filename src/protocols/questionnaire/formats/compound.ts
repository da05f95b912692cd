import { CFB } from '@e965/xlsx'
import { cell, type Cell, type ReadDocument, type Table } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { readDoc } from './doc.ts'
import { showsDay } from '../../sheet/cells.ts'
import { openXls } from '../../sheet/xls-read.ts'
import { mostColumns, numberCell } from './sheet-values.ts'
import { Unreadable } from './unreadable.ts'

/** Compound files ([MS-CFB]): DOC, XLS, or an encrypted newer document. */
export function readCompound(bytes: Uint8Array): ReadDocument {
  const container = CFB.read(Buffer.from(bytes), { type: 'buffer' })
  const stream = (name: string): Uint8Array | undefined => {
    const content = CFB.find(container, name)?.content
    return content && Uint8Array.from(content as ArrayLike<number>)
  }
  if (CFB.find(container, 'Macros') || CFB.find(container, '_VBA_PROJECT_CUR')) throw new Unreadable('macro')
  if (CFB.find(container, 'EncryptedPackage')) throw new Unreadable('encrypted')
  const word = stream('WordDocument')
  if (word) return { blocks: readDoc(word, stream) }
  if (CFB.find(container, 'Workbook') || CFB.find(container, 'Book')) return readXls(bytes)
  throw new Unreadable('unknown_format')
}

/** Excel 97–2003 ([MS-XLS]) and older. */
function readXls(bytes: Uint8Array): ReadDocument {
  const book = opened(bytes)
  const from1904 = book.Workbook?.WBProps?.date1904 === true
  const hidden = new Set((book.Workbook?.Sheets ?? []).filter(({ Hidden }) => Hidden).map(({ name }) => name))
  const blocks = book.SheetNames.filter((name) => !hidden.has(name)).map((name): Table => {
    const sheet = book.Sheets[name]
    const spans = new Map((sheet?.['!merges'] ?? []).map(({ s, e }) => [`${s.r}:${s.c}`, e.c - s.c + 1]))
    const rows = (sheet?.['!data'] ?? []).slice(0, questionnaireLimits.rows).map((row, index) =>
      (row ?? []).slice(0, mostColumns).flatMap((each, column): Cell[] => {
        const span = spans.get(`${index}:${column}`) ?? 1
        if (!each || each.v === undefined || each.v === null) return []
        if (each.t === 'n')
          return [numberCell(Number(each.v), showsDay(0, String(each.z ?? '')), from1904, column, span)]
        return each.t === 's' ? [cell(String(each.v), column, span)] : []
      }),
    )
    return { kind: 'table', rows: Array.from(rows, (row) => row ?? []), sheet: name }
  })
  return { blocks }
}

function opened(bytes: Uint8Array) {
  try {
    return openXls(bytes, questionnaireLimits.rows + 1)
  } catch (error) {
    throw /password|encrypt/iu.test(String(error)) ? new Unreadable('encrypted') : error
  }
}
