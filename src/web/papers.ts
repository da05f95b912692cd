import type { FormFile } from '#core/papers/questionnaire-forms.ts'
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

/** An empty form to fill in: nobody's data, so it may be kept for a while. */
export const formResponse = ({ bytes, mediaType, name }: FormFile): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'public, max-age=600',
    },
  })

/** A letter of ours to print or to change: it may hold a way in, so it is kept nowhere. */
export const letterResponse = ({ bytes, mediaType, name }: FormFile): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': mediaType,
      'content-disposition': `${mediaType === 'application/pdf' ? 'inline' : 'attachment'}; filename="${name}"`,
      'cache-control': 'no-store',
    },
  })
