import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Those of the production build that take minutes, the longest first. */
const longest = ['access', 'every-page', 'crash', 'start']
const place = ({ moduleId }: TestSpecification): number => {
  const index = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
  return index === -1 ? longest.length : index
}

/** What takes longest begins first: begun last, it would run on alone and leave a core idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}
