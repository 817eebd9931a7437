import type { Problem } from '@tenon/contract'
import { manifestSchema, readAs, validatorOf } from '@tenon/contract/schema'
import { fileDigest } from '../folder/file-digest.ts'
import { MANIFEST } from '../folder/plugin-folder.ts'
import type { Checked, Subject } from './gate.ts'

const manifests = validatorOf(manifestSchema)

/**
 * The manifest lists every file of the plugin but itself, each with the digest of its bytes, and no other. That it is
 * there is the baseline's to tell.
 */
export function checkChecksums({ spec, folder }: Subject): Checked {
  const text = folder.text(MANIFEST)
  if (text === undefined) return { checked: 1, problems: [] }
  const { value: manifest, problems } = readAs(text, manifests)
  const hint = `Run "tenon plugin derive ${spec.id}".`
  const problem = (file: string, code: string, message: string): Problem => ({ pointer: '', file, code, message, hint })
  if (manifest === undefined) return { checked: 1, problems: problems.map((one) => ({ ...one, file: MANIFEST, hint })) }
  const listed = new Map(Object.entries(manifest.files))
  const files = folder.files.filter(({ path }) => path !== MANIFEST)
  const there = new Set(files.map(({ path }) => path))
  return {
    checked: files.length,
    problems: [
      ...files.flatMap((file) => {
        const { path } = file
        const digest = listed.get(path)
        if (digest === undefined) return [problem(path, 'FILE_UNLISTED', 'is not listed by manifest.json')]
        if (digest === fileDigest(file)) return []
        return [problem(path, 'CHECKSUM_MISMATCH', 'is not what manifest.json has the digest of')]
      }),
      ...[...listed.keys()]
        .filter((path) => !there.has(path))
        .map((path) => problem(path, 'FILE_LOST', 'is missing, and manifest.json lists it')),
    ],
  }
}
