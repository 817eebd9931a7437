import { isAbsolute } from 'node:path'

/** Whether a word of a command line, or a part of it after a `=`, names a place outside of the folder it is used in. */
export const leadsOut = (word: string): boolean =>
  word.split('=').some((part) => isAbsolute(part) || part.startsWith('~') || /(^|[\\/])\.\.([\\/]|$)/.test(part))
