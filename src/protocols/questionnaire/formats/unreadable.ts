import { isBookFault, type BookFaultCode } from '../../book-fault.ts'
import type { PartFault } from '../questionnaire.ts'

/** Thrown while a part is read, caught in `read.ts`. */
export class Unreadable extends Error {
  readonly code: PartFault
  constructor(code: PartFault) {
    super(code)
    this.code = code
  }
}

const known: Partial<Record<BookFaultCode, PartFault>> = {
  'zip.encrypted': 'encrypted',
  'zip.bomb': 'bomb',
  'xml.too_deep': 'bomb',
  'zip.too_large': 'too_large',
  'zip.too_many_entries': 'too_large',
  'xml.too_large': 'too_large',
}

/** What is said of a part whose reading threw: anything unforeseen means that the file is broken. */
export function faultOf(error: unknown): PartFault {
  if (error instanceof Unreadable) return error.code
  return (isBookFault(error) && known[error.code]) || 'damaged'
}
