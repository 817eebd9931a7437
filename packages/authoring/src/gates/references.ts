import type { PluginFile } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import { textOf } from '../folder/plugin-folder.ts'
import { unlessNone, type Checked, type Subject } from './gate.ts'

const CODE = /^(src|tests)\/.*\.([cm]?[jt]s|py)$/
/** The path of a schema or an example, as code names it: with or without the way up to the plugin's folder. */
const NAMED = /['"`](?:\.\.?\/)*((?:schemas\/\w+\.(?:in|out)\.schema|examples\/\w+_(?:request|response))\.json)['"`]/g

/** Schemas and examples that code names are there: those of an operation that was removed are named no more. */
export function checkReferences({ folder }: Subject): Checked {
  const references = folder.files.filter(({ path }) => CODE.test(path)).flatMap(referencesOf)
  return unlessNone('its code names no schema and no example', {
    checked: references.length,
    problems: references.flatMap(({ file, line, path }): Problem[] => {
      if (folder.text(path) !== undefined) return []
      const hint = 'Name one that is there, or take away what is left of an operation that was removed.'
      return [{ pointer: '', file, line, code: 'FILE_MISSING', message: `names ${path}, which is missing`, hint }]
    }),
  })
}

const referencesOf = (file: PluginFile): { file: string; line: number; path: string }[] =>
  textOf(file)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(NAMED)].map(([, path = '']) => ({ file: file.path, line: index + 1, path })),
    )
