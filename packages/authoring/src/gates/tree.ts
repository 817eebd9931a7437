import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import { treePaths, type PluginFile } from '@tenon/bundle'
import { defined, type Problem } from '@tenon/contract'
import type { Checked, Subject } from '../gate.ts'

/** What would make the folder another one elsewhere: paths some system cannot hold, links, carriage returns. */
export function checkTree({ spec, folder }: Subject): Checked {
  const judge = treePaths()
  const misnamed = basename(folder.root) === spec.id ? [] : [fault('.', `is the folder of "${spec.id}"`)]
  return {
    checked: folder.files.length,
    problems: [
      ...misnamed,
      ...folder.irregular.map((path) => fault(path, 'is no regular file')),
      ...folder.files.flatMap((file) => [...pathFaults(file, judge), ...textFaults(file)]),
    ],
  }
}

function pathFaults({ path }: PluginFile, judge: (path: string) => string | undefined): Problem[] {
  const why = judge(path)
  return why === undefined ? [] : [fault(path, why)]
}

/** Kinds of file that are text wherever they are. Of others, what reads as text without a NUL is text. */
const TEXT = /\.(md|json|[cm]?[jt]s|py|ya?ml|txt|feature|csv)$/

function textFaults({ path, bytes }: PluginFile): Problem[] {
  if (!isUtf8(bytes)) return TEXT.test(path) ? [fault(path, 'is not UTF-8')] : []
  const isText = TEXT.test(path) || !bytes.includes(0)
  return isText && bytes.includes(13) ? [fault(path, 'holds carriage returns', 'Check it out with eol=lf.')] : []
}

const fault = (file: string, message: string, hint?: string): Problem =>
  defined({ pointer: '', file, code: 'TREE', message, hint })
