/** What a promise of the file system gives, or `instead` when it fails with one of these codes. */
export async function unlessFault<T, Other>(
  work: Promise<T>,
  codes: readonly string[],
  instead: Other,
): Promise<T | Other> {
  try {
    return await work
  } catch (thrown) {
    if (hasCode(thrown, codes)) return instead
    throw thrown
  }
}

/** A file is not there; of processes: it has ended while it was looked at. */
export const ABSENT = ['ENOENT', 'ENOTDIR', 'ESRCH']

export const hasCode = (thrown: unknown, codes: readonly string[]): boolean =>
  thrown instanceof Error && codes.includes(String((thrown as NodeJS.ErrnoException).code))
