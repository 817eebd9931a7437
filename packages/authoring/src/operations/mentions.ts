import { readFences } from '../fences/fence.ts'
import { textOf, type PluginFolder } from '../folder/plugin-folder.ts'

/** A line that a person wrote. */
export type Mention = { file: string; line: number; text: string }

const DERIVED = ['manifest.json', 'ledger_contract.json', 'policy_snapshot.json', 'plugin.spec.json', 'CHANGELOG.md']
const TEXT = /\.([cm]?[jt]sx?|py|md|json|feature|ya?ml|toml|txt)$/

/** The lines outside of what is derived that match; of a derived document only its notes are a person's. */
export function mentionsOf(folder: PluginFolder, pattern: RegExp): Mention[] {
  return folder.files
    .filter(({ path }) => TEXT.test(path) && !DERIVED.includes(path))
    .flatMap((file) => handWritten(file.path, textOf(file)))
    .filter(({ text }) => pattern.test(text))
}

function handWritten(file: string, text: string): Mention[] {
  const { fences } = readFences(text)
  const notes = /<!-- manual:begin notes -->[^]*<!-- manual:end notes -->/.exec(text)
  const isDocument = file === 'README_PLUGIN.md' || file === 'healthcheck.md'
  let at = 0
  return text.split('\n').flatMap((line, index) => {
    const [from, to] = [at, at + line.length]
    at = to + 1
    const isDerived = isDocument
      ? notes === null || from < notes.index || to > notes.index + notes[0].length
      : fences.some((fence) => index >= fence.from && index <= fence.to)
    return isDerived ? [] : { file, line: index + 1, text: line.trim() }
  })
}
