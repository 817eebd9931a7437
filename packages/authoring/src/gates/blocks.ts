import { isCommandLine, type Problem } from '@tenon/contract'
import { readMarkdown, type MarkdownDocument } from '../folder/markdown-document.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { filesOfTheSpec } from '../folder/schema-files.ts'
import { unlessNone, type Checked, type Subject } from './gate.ts'

type Block = MarkdownDocument['blocks'][number] & { file: string }

const SHELL = /^(sh|shell|bash|console)\b/
/** A block that shows a file of the plugin names it after the language. */
const SHOWN = /^\S+\s+([\w./-]+\.\w+)$/

/** The commands that a plugin's documents tell to run are ours and name files that are there; files that they show are as they lie. */
export function checkBlocks({ spec, folder }: Subject): Checked {
  const named = filesOfTheSpec(spec)
  const blocks = folder.files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path }) => readMarkdown(folder, path).blocks.map((block) => ({ ...block, file: path })))
    .filter(({ info }) => SHELL.test(info) || SHOWN.test(info))
  return unlessNone('its documents show no commands and no files', {
    checked: blocks.length,
    problems: blocks.flatMap((block) =>
      SHELL.test(block.info) ? commandProblems(block, folder, named) : shownProblems(block, folder),
    ),
  })
}

/** A file that the spec names, too, is missing by another gate. */
const commandProblems = (block: Block, folder: PluginFolder, named: readonly string[]): Problem[] =>
  block.text.split('\n').flatMap((text, index) => {
    const words = text.replace(/^\$ /, '').trim().split(/\s+/)
    const at = { file: block.file, line: block.line + index, pointer: '' }
    const command = words[0] === 'npx' ? words.slice(1) : words
    if (command[0] !== 'tenon') return []
    const hint = 'Run "tenon --help" to see which there are.'
    if (!isCommandLine(command.slice(1)))
      return [{ ...at, code: 'COMMAND_UNKNOWN', message: `"${text.trim()}" is no command of tenon`, hint }]
    return command
      .filter((word) => FILE_OF_A_PLUGIN.test(word) && folder.text(word) === undefined && !named.includes(word))
      .map((word) => ({ ...at, code: 'FILE_MISSING', message: `"${word}" is no file of the plugin`, hint: ELSEWHERE }))
  })

const ELSEWHERE = "Paths count from the plugin's folder, case included."
const FILE_OF_A_PLUGIN = /^(examples|schemas|src|tests|conformance)\/[\w./-]+$/

function shownProblems({ info, text, file, line }: Block, folder: PluginFolder): Problem[] {
  const path = info.replace(SHOWN, '$1')
  const shown = folder.text(path)
  const at = { file, line, pointer: '' }
  if (shown === undefined)
    return [{ ...at, code: 'FILE_MISSING', message: `"${path}" is no file of the plugin`, hint: ELSEWHERE }]
  if (shown.trimEnd() === text.trimEnd()) return []
  const hint = `Copy ${path} into the block anew.`
  return [{ ...at, code: 'EXAMPLE_STALE', message: `the block is not what ${path} holds`, hint }]
}
