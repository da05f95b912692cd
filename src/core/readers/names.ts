/**
 * A name as the bag of its words: case, ё and е, hyphens, apostrophes, spaces and the words' order don't
 * matter. Two spellings of one person give the same key; it decides "one person, one record".
 */
export function nameKey(fullName: string): string {
  return fullName
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/['’ʼ`]/g, '')
    .split(/[\s\u2010-\u2015-]+/)
    .filter(Boolean)
    .toSorted()
    .join(' ')
}
