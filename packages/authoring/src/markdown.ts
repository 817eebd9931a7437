/** A section of a derived document that a person writes: kept as it is. */
export function manualSection(name: string, existing: string | undefined, initial: string): string {
  const begin = `<!-- manual:begin ${name} -->`
  const end = `<!-- manual:end ${name} -->`
  const from = existing?.indexOf(begin) ?? -1
  const to = existing?.indexOf(end, from) ?? -1
  const kept = from >= 0 && to >= 0 ? existing?.slice(from + begin.length, to) : `\n${initial}\n`
  return `${begin}${kept}${end}`
}

export const DERIVED_NOTE = (command: string): string =>
  `<!-- Derived from plugin.spec.json: edit only between manual:begin and manual:end, then run "${command}". -->`

const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll('\n', ' ')

export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n')

export const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
