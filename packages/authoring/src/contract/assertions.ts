import type { Problem } from '@tenon/contract'
import { assertionsSchema, validatorOf, type AssertionsDocument } from '@tenon/contract/schema'
import { compareVersions, isVersion } from '@tenon/resolver'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { readYamlFile } from '../folder/yaml-file.ts'

const FILE = 'conformance/contract/assertions.yaml'

const assertions = validatorOf(assertionsSchema)

/** What people vouch for where versions cannot be compared; every problem of the file with its line. */
export function readAssertions(folder: PluginFolder): { assertions: AssertionsDocument; problems: Problem[] } {
  const text = folder.text(FILE)
  if (text === undefined) return { assertions: [], problems: [] }
  const { value, problems, problem } = readYamlFile(text, { file: FILE, code: 'ASSERTION_INVALID' }, assertions)
  if (value === undefined) return { assertions: [], problems }
  const versions = value.flatMap(({ from, to }, index): Problem[] =>
    Object.entries({ from, to })
      .filter(([, version]) => !isVersion(version))
      .map(([key, version]) => problem([index, key], `"${version}" is no version`)),
  )
  return { assertions: versions.length === 0 ? value : [], problems: versions }
}

/** Those that speak of a step from one version to another, or to one before the version that they hold for. */
export const assertedFor = (document: AssertionsDocument, from: string, to: string): AssertionsDocument =>
  document.filter((one) => one.from === from && compareVersions(to, one.to) <= 0)
