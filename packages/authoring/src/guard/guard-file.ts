import { createHash } from 'node:crypto'

const HEAD =
  /^\/\/ The guard of Tenon (\S+), written by "tenon repo init", never edited\. The sha256 of what follows this line is ([0-9a-f]{64})\.\n/

/** A guard with what it says of itself; undefined for a text that is not, to the byte, what was once written. */
export function readGuard(text: string): { version: string; digest: string } | undefined {
  const [head = '', version = '', digest = ''] = HEAD.exec(text) ?? []
  return head !== '' && sha256(text.slice(head.length)) === digest ? { version, digest } : undefined
}

/** The text of `scripts/ids/guard.mjs`. */
export const guardText = (version: string, code: string): string =>
  `// The guard of Tenon ${version}, written by "tenon repo init", never edited. The sha256 of what follows this line is ${sha256(code)}.\n${code}`

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
