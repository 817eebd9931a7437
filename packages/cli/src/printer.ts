import { problemDocument, type Problem, type TenonError } from '@tenon/contract'
import type { Io } from './io.ts'
import type { Result } from './result.ts'

/** Foreign text must not steer the terminal: control characters are shown, not obeyed. */
const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) =>
    char === '\n' || char === '\t' ? char : `\\u{${Number(char.codePointAt(0)).toString(16)}}`,
  )

/** Foreign text in a row or sentence of ours, where a line break would let it pass for a line of ours. */
export const inline = (text: string): string => text.replaceAll(/[\n\t]/g, (char) => JSON.stringify(char).slice(1, -1))

/** JSON without a character that a terminal would obey; what it means stays the same. */
const harmless = (json: string): string =>
  json.replaceAll(/[\u007f-\u009f\p{Cf}]/gu, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )

/** JSON as every command prints it. */
export const jsonText = (data: unknown, indent?: number): string => harmless(JSON.stringify(data, null, indent))

/** One line of JSON of a result that comes bit by bit. */
export const printJsonLine = (io: Io, data: unknown): void => io.out(`${jsonText(data)}\n`)

export function printResult(io: Io, { data, text, quiet = false, printed = false }: Result, json: boolean): void {
  if (printed) return
  if (json) (quiet ? io.err : io.out)(`${jsonText(data, 2)}\n`)
  else if (text !== '') io.out(`${visible(text)}\n`)
}

export function printError(io: Io, error: TenonError, json: boolean): void {
  if (json) return io.err(`${jsonText(problemDocument(error))}\n`)
  const lines = [
    `error ${error.code}: ${error.message}`,
    ...error.problems.map((problem) => `  ${problemLine(problem)}`),
  ]
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`)
  io.err(`${visible(lines.join('\n'))}\n`)
}

/** One problem with its place, in one line. */
export function problemLine({ file, line, pointer, message, hint }: Problem): string {
  const place =
    file === undefined ? (line === undefined ? pointer : `line ${line}`) : [file, line ?? []].flat().join(':')
  return inline([place, message, hint === undefined ? '' : `(${hint})`].filter((part) => part !== '').join(' '))
}

/** What a server logs: lines of JSON. */
export const printLog = (io: Io, lines: string): void => io.err(harmless(lines))

/** A remark beside what a command prints. */
export const printNote = (io: Io, text: string): void => io.err(`tenon: ${visible(inline(text))}\n`)

/** Asks the person at the terminal; undefined when there is none. */
export const ask = (io: Io, question: string): Promise<string> | undefined => io.ask?.(visible(question))

/** One line about something that is wrong, and that stops nothing. */
export const printComplaint = (io: Io, text: string): void => io.err(`${visible(inline(text))}\n`)

/** A line of what goes on, for people. */
export const printLine = (io: Io, text: string): void => io.out(`${visible(text)}\n`)

/** What plugins print, for people, each line under the plugin's name. */
export const pluginLog =
  (io: Io, json: boolean) =>
  (plugin: string, level: string, message: string): void => {
    if (json) return
    for (const line of message.trimEnd().split('\n')) printLine(io, `${plugin} ${level}: ${line}`)
  }

/** Rows as aligned columns under a head. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // What is escaped only later would no longer be aligned.
  const lines = [head, ...rows.map((row) => row.map((cell) => visible(inline(cell))))]
  const widths = head.map((_, index) => Math.max(...lines.map((row) => row[index]?.length ?? 0)))
  return lines
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
