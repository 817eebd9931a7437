const EXPECTED = new Set(['EACCES', 'EISDIR', 'ELOOP', 'ENOENT', 'ENOTDIR', 'EPERM'])

/** The faults that a tree which others change and own brings with it. */
export const isExpected = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && EXPECTED.has(String(thrown.code))

/** What a look comes to; undefined where one of those faults stands in its way. */
export function unlessExpected<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (thrown) {
    if (isExpected(thrown)) return undefined
    throw thrown
  }
}
