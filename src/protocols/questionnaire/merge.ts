import { isSure, questionnaireLimits, type ReadParts, type ReadQuestionnaire } from './questionnaire.ts'

/** What several parts gave, as one. The same reader in the letter and in its file is kept once. */
export function mergeParts(parts: readonly ReadParts[]): ReadParts {
  const all = parts.flatMap(({ questionnaires }) => questionnaires)
  const seen = new Set<string>()
  const questionnaires = all.filter((each) => {
    const key = keyOf(each)
    if (key === undefined) return true
    const again = seen.has(key)
    seen.add(key)
    return !again
  })
  const codes = new Set(parts.flatMap(({ libraryCode }) => (libraryCode === undefined ? [] : [libraryCode])))
  const [code] = codes
  const shown = parts.find((part) => part.shown !== undefined)?.shown
  const faults = parts.flatMap((part) => part.faults)
  const most = questionnaireLimits.questionnaires
  if (questionnaires.length > most) faults.push({ part: '', code: 'too_many' })
  return {
    questionnaires: questionnaires.slice(0, most),
    faults,
    ...(codes.size === 1 && code !== undefined ? { libraryCode: code } : {}),
    ...(shown === undefined ? {} : { shown }),
  }
}

/** Only what is sure throughout can be known as the same. */
function keyOf({ fullName, email, birthDate, phone }: ReadQuestionnaire): string | undefined {
  const fields = [fullName, email, birthDate, phone]
  if (!isSure(fullName) || !isSure(birthDate)) return undefined
  if (!fields.every((field) => isSure(field) || field.raw === '')) return undefined
  return JSON.stringify(fields.map(({ value }) => value?.toLowerCase() ?? ''))
}
