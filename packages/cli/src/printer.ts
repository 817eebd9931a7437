import { problemDocument, type TenonError } from '@tenon/contract'
import type { Io } from './io.ts'
import type { Result } from './result.ts'

/** Foreign text must not steer the terminal: control characters are shown, not obeyed. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) =>
    char === '\n' || char === '\t' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  )

export function printResult(io: Io, { data, text }: Result, json: boolean): void {
  if (json) io.out(`${JSON.stringify(data, null, 2)}\n`)
  else if (text !== '') io.out(`${visible(text)}\n`)
}

export function printError(io: Io, error: TenonError, json: boolean): void {
  if (json) return io.err(`${JSON.stringify(problemDocument(error))}\n`)
  const lines = [`error ${error.code}: ${error.message}`]
  for (const { file, line, pointer, message, hint } of error.problems) {
    const place = [file, line].filter((part) => part !== undefined).join(':') || pointer
    lines.push(`  ${place === '' ? '' : `${place} `}${message}${hint === undefined ? '' : ` (${hint})`}`)
  }
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`)
  io.err(`${visible(lines.join('\n'))}\n`)
}

/** A line of what goes on, for people. */
export const printLine = (io: Io, text: string): void => io.out(`${visible(text)}\n`)

/** Rows as aligned columns under a head. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}
