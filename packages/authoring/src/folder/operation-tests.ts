import type { Operation } from '@tenon/contract'
import type { PluginFolder } from './plugin-folder.ts'

/** Where the tests of an operation may lie: where the spec says, or under its name. */
export const testPaths = ({ name, tests }: Pick<Operation, 'name' | 'tests'>): string[] =>
  tests === undefined ? ['ts', 'mjs', 'js', 'py'].map((end) => `tests/test_${name}.${end}`) : [tests]

/** The tests of an operation, if there are any. */
export function operationTests(
  folder: PluginFolder,
  operation: Pick<Operation, 'name' | 'tests'>,
): { file: string; text: string } | undefined {
  for (const file of testPaths(operation)) {
    const text = folder.text(file)
    if (text !== undefined) return { file, text }
  }
  return undefined
}
