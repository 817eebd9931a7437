import type { Problem } from '@tenon/contract'

/** A file that is not as the manifest of its bundle says. */
export const mismatch = (path: string, why: string): Problem => ({
  pointer: '',
  file: path,
  code: 'BUNDLE_FILE',
  message: `${path} ${why}`,
})
