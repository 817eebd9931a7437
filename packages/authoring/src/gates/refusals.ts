/** What asserts something, in the forms of node:test, vitest, unittest and pytest. */
const ASSERTION = /\bassert|\bexpect\(|\braises\(|\.rejects\b|\.toThrow/

/** A thrown error, a status of HTTP from 400 on, or that something is not so. */
const REFUSAL =
  /\b(rejects|throws|assertRaises\w*|raises|assertFalse|toBeFalsy|false|False)\b|(?<!\bnot)\.toThrow|\bassert not\b|\bstatus(_?code)?\b.*\b[45]\d\d\b/i

const COMMENT = /^\s*(\/\/|\/?\*|#)/

/** How often a test asserts that something is refused, by its lines. */
export const refusals = (text: string): number =>
  text.split('\n').filter((line) => !COMMENT.test(line) && ASSERTION.test(line) && REFUSAL.test(line)).length
