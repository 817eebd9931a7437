import { defined, type PluginSpec, type Problem } from '@tenon/contract'
import { codeFences, type CodeFence } from './code-fences.ts'
import { fenceText, readFences, replaceFence, type FenceFault } from './fence.ts'
import { textAt, type PluginFolder } from '../folder/plugin-folder.ts'
import { readOnce } from '../folder/read-once.ts'

const fencesOf = readOnce((folder, path) => readFences(textAt(folder, path)))

export type FenceProblem = Problem & { file: string; hint: string }

const isCode = (path: string): boolean => /\.([cm]?[jt]sx?|py)$/.test(path)

/** The code files whose fences the spec implies, each with its fence made anew. They must have no fence problem. */
export function fencedFiles(spec: PluginSpec, folder: PluginFolder): { path: string; text: string }[] {
  return codeFences(spec, folder).flatMap(({ file, comment, fence, isMade }) => {
    const text = folder.text(file) ?? ''
    if (isMade && text === '') return [{ path: file, text: `${fenceText(fence, comment)}\n` }]
    const place = readFences(text).fences.find(({ id }) => id === fence.id)
    return place === undefined ? [] : [{ path: file, text: replaceFence(text, place, fence, comment) }]
  })
}

/** Fences that are not where the spec wants them, or not as they were derived. Deriving over them would lose work. */
export function fenceProblems(spec: PluginSpec, folder: PluginFolder): FenceProblem[] {
  const implied = codeFences(spec, folder)
  return folder.files
    .filter(({ path }) => isCode(path))
    .flatMap(({ path }) => [...placeProblems(spec, folder, implied, path), ...writingProblems(spec, folder, path)])
}

function writingProblems({ id }: PluginSpec, folder: PluginFolder, file: string): FenceProblem[] {
  const hintOf = ({ edited }: FenceFault): string =>
    edited
      ? `Run "tenon plugin derive ${id} --adopt", which moves your lines behind the fence.`
      : 'Take the line back from version control, or scaffold the plugin anew beside it and compare.'
  return fencesOf(folder, file).faults.map((fault) => problem(file, fault.message, hintOf(fault), fault.line))
}

function placeProblems(
  spec: PluginSpec,
  folder: PluginFolder,
  implied: readonly CodeFence[],
  file: string,
): FenceProblem[] {
  const wanted = implied.filter((one) => one.file === file)
  const { fences, faults } = fencesOf(folder, file)
  const strange = fences.filter(({ id }) => !wanted.some(({ fence }) => fence.id === id))
  const absent = faults.length > 0 ? [] : wanted.filter(({ fence }) => !fences.some(({ id }) => id === fence.id))
  return [
    ...strange.map(({ id, from }) =>
      problem(file, `nothing is derived into the fence "${id}"`, 'Take its two lines away.', from + 1),
    ),
    ...absent.map(({ fence, comment }) => {
      const [begin, , end] = fenceText({ ...fence, body: '' }, comment).split('\n')
      const hint = `Write the lines "${begin}" and "${end}" into it, and run "tenon plugin derive ${spec.id}".`
      return problem(file, `the fence "${fence.id}" is missing`, hint)
    }),
  ]
}

const problem = (file: string, message: string, hint: string, line?: number): FenceProblem =>
  defined({ pointer: '', code: 'FENCE_BROKEN', file, line, message, hint })
