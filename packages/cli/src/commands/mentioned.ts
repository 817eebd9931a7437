import type { Mention } from '@tenon/authoring'
import { inline } from '../printer.ts'

/** What is left to a person: lines that still have a name. */
export const mentioned = (name: string, mentions: readonly Mention[]): string[] =>
  mentions.length === 0
    ? []
    : [
        `these lines still say "${name}":`,
        ...mentions.map(({ file, line, text }) => `  ${file}:${line} ${inline(text)}`),
      ]
