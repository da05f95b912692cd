import type { Paper } from '#core/papers/slips.ts'

/** A page for the printer: shown by the browser, kept nowhere. */
export const paperResponse = ({ pdf, name }: Paper): Response =>
  new Response(new Uint8Array(pdf), {
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': `inline; filename="${name}"`,
      'cache-control': 'no-store',
    },
  })
