import { isAbsolute, normalize } from 'node:path'
import { isObject, type Json, type JsonObject, type Problem } from '@tenon/contract'
import { configFiles } from './config-schema.ts'
import { pathOfPointer, valueAtPath, withoutValue, type ConfigPath } from './config-path.ts'

/** What a file of the configuration may say, and why the rest of it does not count. */
export type ConfigReading = { values: JsonObject; problems: Problem[] }

/** Every problem of a document, and the document without what they are about. */
export function readConfigDocument(document: Json, isShared: boolean): ConfigReading {
  const problems: Problem[] = []
  let values = document
  for (;;) {
    const found = problemsOf(values, isShared)
    if (found.length === 0 && isObject(values)) return { values, problems }
    problems.push(...found)
    values = found.reduce<Json>((left, { pointer }) => without(left, pointer), values)
  }
}

function without(document: Json, pointer: string): Json {
  const path = keyPathOf(document, pathOfPointer(pointer))
  return isObject(document) && path.length > 0 ? withoutValue(document, path) : {}
}

/** Keys only: of a list with one bad entry nothing is kept. */
function keyPathOf(document: Json, path: ConfigPath): ConfigPath {
  const cut = path.findIndex((_, index) => Array.isArray(valueAtPath(document, path.slice(0, index))))
  return cut === -1 ? path : path.slice(0, cut)
}

function problemsOf(document: Json, isShared: boolean): Problem[] {
  const found = configFiles.problems(document)
  return found.length > 0 ? found : [...linkProblems(document), ...(isShared ? rootProblems(document) : [])]
}

const linkProblems = (document: Json): Problem[] =>
  valueAtPath(document, ['scan', 'followSymlinks']) === true
    ? [
        {
          pointer: '/scan/followSymlinks',
          code: 'CONFIG_LINKS',
          message: 'symbolic links are never followed',
          hint: 'Name the folder that the link leads to in "roots".',
        },
      ]
    : []

/** A file that comes with a project may not send a scan out of it. */
function rootProblems(document: Json): Problem[] {
  const roots = valueAtPath(document, ['roots'])
  return (Array.isArray(roots) ? roots : []).flatMap((root, index) =>
    typeof root === 'string' && leadsOut(root)
      ? [
          {
            pointer: `/roots/${index}`,
            code: 'CONFIG_ROOT',
            message: `${JSON.stringify(root)} leads out of the project`,
            hint: 'Name it on the command line, or in settings.local.json.',
          },
        ]
      : [],
  )
}

const leadsOut = (root: string): boolean => isAbsolute(root) || /^\.\.(\/|$)/.test(normalize(root))
