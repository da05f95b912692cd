import { nameKey } from './names.ts'

/** A word of a name beside another name: the same there, spelled otherwise there (ё and е), or missing there. */
export interface MarkedWord {
  text: string
  mark: 'same' | 'spelling' | 'other'
}

/** The words of a name, each marked by whether the other name has it. */
export function markedWords(name: string, other: string): MarkedWord[] {
  const spelled = wordsAsWritten(other)
  const folded = nameKey(other).split(' ')
  return wordsAsWritten(name).map((text) => {
    const words = nameKey(text).split(' ').filter(Boolean)
    const there = words.every((word) => takeOut(folded, word))
    if (!there) return { text, mark: 'other' }
    return { text, mark: takeOut(spelled, text) ? 'same' : 'spelling' }
  })
}

const wordsAsWritten = (name: string): string[] => name.split(/\s+/).filter(Boolean)

/** Takes one such word out of a bag; whether there was one. */
function takeOut(bag: string[], word: string): boolean {
  const place = bag.indexOf(word)
  if (place >= 0) bag.splice(place, 1)
  return place >= 0
}
