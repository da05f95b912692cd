import type { Paper, Picture } from '#core/papers/slips.ts'

/** A page for the printer, or a picture of it: shown by the browser, kept nowhere. */
export const paperResponse = (paper: Paper | Picture): Response =>
  new Response(new Uint8Array('pdf' in paper ? paper.pdf : paper.png), {
    headers: {
      'content-type': 'pdf' in paper ? 'application/pdf' : 'image/png',
      'content-disposition': `inline; filename="${paper.name}"`,
      'cache-control': 'no-store',
    },
  })
