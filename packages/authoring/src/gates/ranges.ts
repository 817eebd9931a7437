import { isRange } from '@tenon/resolver'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { specProblem } from '../folder/spec-problem.ts'

/** Each range of the spec is one of npm's grammar. */
export function checkRanges({ spec, folder }: Subject): Checked {
  const maps = ['engines', 'dependencies', 'optionalDependencies', 'ifPresent', 'conflicts'] as const
  const ranges = maps.flatMap((key) => Object.entries(spec[key] ?? {}).map(([id, range]) => ({ key, id, range })))
  const bad = ranges.filter(({ range }) => !isRange(range))
  return unlessNone('it asks for no version of anything', {
    checked: ranges.length,
    problems: bad.map(({ key, id, range }) =>
      specProblem(
        folder,
        [key, id],
        'SPEC_RANGE',
        `"${range}" is no version range`,
        'Write one of npm, such as "^1.2".',
      ),
    ),
  })
}
