/** A section of a derived document that a person writes: kept as it is. */
export function manualSection(name: string, initial: string, existing = ''): string {
  const [begin, end] = [`<!-- manual:begin ${name} -->`, `<!-- manual:end ${name} -->`]
  const from = existing.indexOf(begin)
  const to = existing.indexOf(end, from)
  const kept = from < 0 || to < 0 ? `\n${initial}\n` : existing.slice(from + begin.length, to)
  return `${begin}${kept}${end}`
}

export const derivedNote = (command: string): string =>
  `<!-- Derived from plugin.spec.json: edit only between manual:begin and manual:end, then run "${command}". -->`

const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** A heading with a table below it, or nothing when there are no rows. */
export const tableSection = (title: string, head: string[], rows: string[][]): string[] =>
  rows.length === 0 ? [] : [`## ${title}`, table(head, rows)]

export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n')

export const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
