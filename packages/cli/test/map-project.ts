import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended, type Surroundings } from './in-process.ts'

export type Files = Record<string, string>

function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

export type MapProject = {
  home: string
  cwd: string
  sm(...argv: string[]): Promise<Ended>
  smIn(surroundings: Surroundings, ...argv: string[]): Promise<Ended>
  text(path: string): string
}

/** A project with these files, below a home folder of its own. */
export function mapProject(files: Files = {}): MapProject {
  const home = temporaryFolder()
  const cwd = join(home, 'work')
  mkdirSync(cwd)
  writeFiles(cwd, files)
  const tenon = tenonIn(home)
  const smIn = (surroundings: Surroundings, ...argv: string[]) => tenon(argv, { cwd, binary: 'sm', ...surroundings })
  return {
    ...{ home, cwd, smIn },
    sm: (...argv) => smIn({}, ...argv),
    text: (path) => readFileSync(join(cwd, path), 'utf8'),
  }
}

type PluginParts = { manifest?: object; extension?: string }

/** The files of a plugin with one extractor, whose code this is. */
export const pluginFiles = (id: string, { manifest = {}, extension = '' }: PluginParts = {}): Files => ({
  [`.skill-map/plugins/${id}/plugin.json`]: JSON.stringify({
    ...{ id, version: '1.0.0', specCompat: '^0.19.0', extensions: ['index.mjs'] },
    ...manifest,
  }),
  [`.skill-map/plugins/${id}/index.mjs`]: `export default {
  id: 'mine',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'low',
  extract({ emitLink }) { emitLink({ kind: 'mentions', target: 'found' }) },
  ${extension}
}
`,
})
