/** A word, quoted or not, a number, a text or a sign; `line` counts from 1. */
export type SqlToken = { text: string; line: number }

/** The tokens of one statement, without what is only for people, and the text between. */
export type SqlStatement = { text: string; tokens: SqlToken[] }

const TOKEN =
  /(?<beside>\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$))|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|[^]/gy

/** Splits SQL where SQLite would, as long as it makes no triggers. */
export function sqlStatements(sql: string, rewrite: Rewrite = (token) => token.text): SqlStatement[] {
  const statements: SqlStatement[] = []
  let [text, tokens, line]: [string, SqlToken[], number] = ['', [], 1]
  const end = (): void => {
    if (tokens.length > 0) statements.push({ text: text.trim(), tokens })
    ;[text, tokens] = ['', []]
  }
  for (const match of sql.matchAll(TOKEN)) {
    const token = { text: match[0], line }
    line += match[0].split('\n').length - 1
    if (match[0] === ';') end()
    else if (match.groups?.['beside'] !== undefined) text += ' '
    else {
      text += rewrite(token, tokens)
      tokens.push(token)
    }
  }
  end()
  return statements
}

/** What stands in a statement in place of a token, given those before it. */
type Rewrite = (token: SqlToken, before: readonly SqlToken[]) => string

/** The name that a token means, whichever way it is quoted. */
export function nameIn(text: string): string {
  const [first = '', inner] = [text[0], text.slice(1, -1)]
  if (first === '"' || first === '`') return inner.replaceAll(first + first, first)
  return first === '[' ? inner : text
}
