import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import { treePaths, type PluginFile } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import type { Checked, Subject } from './gate.ts'
import { isText } from '../folder/text-file.ts'

/** What would make the folder another one elsewhere: paths some system cannot hold, links, carriage returns. */
export function checkTree({ spec, folder }: Subject): Checked {
  const judge = treePaths()
  const misnamed =
    basename(folder.root) === spec.id
      ? []
      : [fault('.', `is the folder of "${spec.id}"`, 'Give folder and spec one name.')]
  return {
    checked: folder.files.length,
    problems: [
      ...misnamed,
      ...folder.irregular.map((path) => fault(path, 'is no regular file', 'Put a file in its place.')),
      ...folder.files.flatMap((file) => [...pathFaults(file, judge), ...textFaults(file)]),
    ],
  }
}

function pathFaults({ path }: PluginFile, judge: (path: string) => string | undefined): Problem[] {
  const why = judge(path)
  return why === undefined ? [] : [fault(path, why, 'Give it another name.')]
}

function textFaults(file: PluginFile): Problem[] {
  if (!isText(file)) return []
  if (!isUtf8(file.bytes)) return [fault(file.path, 'is not UTF-8', 'Save it as UTF-8.')]
  return file.bytes.includes(13) ? [fault(file.path, 'holds carriage returns', 'Check it out with eol=lf.')] : []
}

const fault = (file: string, message: string, hint: string): Problem => ({
  pointer: '',
  file,
  code: 'TREE',
  message,
  hint,
})
