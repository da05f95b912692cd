/**
 * Text as the catalogue's index has it, and as it is asked: ё is е, and what nobody sees isn't there. A title from a
 * file, or one that was copied from a page, may bring soft hyphens and marks of direction along.
 */
export const asIndexed = (text: string): string =>
  text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll('ё', 'е')
    .replaceAll('Ё', 'Е')
