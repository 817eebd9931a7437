const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
/** From a run of backticks to the next run of the same length in the same paragraph. */
const SPAN = /(?<!`)(`+)(?!`)(?:(?!\n[ \t\r]*\n)[^])*?[^`]\1(?!`)/g

/**
 * The text with fenced blocks and code spans blanked, so that lines stay where they were.
 * @param {string} body
 */
export const proseOf = (body) => withoutFences(body).replace(SPAN, blank)

/** @param {string} text */
const blank = (text) => text.replace(/[^\r\n]/g, ' ')

/** @param {string} body */
function withoutFences(body) {
  /** @type {string | undefined} */
  let open
  return body
    .split('\n')
    .map((line) => {
      const [, marks = '', rest = ''] = FENCE.exec(line.trimEnd()) ?? []
      const inside = open !== undefined
      if (open === undefined && marks !== '' && !(marks.startsWith('`') && rest.includes('`'))) open = marks
      else if (open !== undefined && marks.startsWith(open) && rest === '') open = undefined
      return inside || open !== undefined ? blank(line) : line
    })
    .join('\n')
}
