/** Characters that a terminal or a reader obeys, that end a line, or that are none. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const codePoint = (char: string): number => Number(char.codePointAt(0))

/** Text of somebody's files for a line of ours: it stays one line, and nothing in it is obeyed. */
export const shownText = (text: string): string =>
  text.replaceAll(INVISIBLE, (char) => `\\u{${codePoint(char).toString(16)}}`)

/** JSON that is safe to show, and means the same. */
export const shownJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(INVISIBLE, (char) =>
    char === '\n' ? char : char.split('').map(escapedUnit).join(''),
  )

const escapedUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
