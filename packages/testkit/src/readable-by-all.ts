import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Whether an ordinary user reaches a folder, as nobody does in a clone that is closed to others. */
export const readableByAll = (path: string): boolean =>
  (statSync(path).mode & 0o005) === 0o005 && (path === '/' || readableByAll(dirname(path)))
