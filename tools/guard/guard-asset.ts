import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { guardText, TOOLKIT } from '@tenon/authoring'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Where the guard lies: for `tenon repo init`, and as our own. */
export const ownGuard = ['packages/authoring/assets/guard.mjs', 'scripts/ids/guard.mjs'].map((path) => `${root}${path}`)

const LICENSES = `// Holds code of canonicalize (Apache-2.0), diff (BSD-3-Clause), markdown-it and what it needs (MIT, BSD-2-Clause),
// semver (ISC), typebox (MIT) and yaml (ISC).
`

/** The text of the guard, of the sources as they are. */
export async function guardAsset(): Promise<string> {
  await using build = await rolldown({
    input: `${root}packages/authoring/src/guard/program.ts`,
    cwd: root,
    platform: 'node',
    external: [/^node:/],
    treeshake: { moduleSideEffects: false },
  })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false, minify: true })
  return guardText(TOOLKIT, `${LICENSES}${output[0].code}`)
}
