import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'

const ABSENT = '/dev/null'

/** What would be written over a file, or where there is none, or in place of one that goes, as `diff -u` shows it. */
export function unifiedDiff(path: string, got: string | undefined, wanted: string | undefined): string {
  const nameOf = (text: string | undefined): string => (text === undefined ? ABSENT : path)
  return createTwoFilesPatch(nameOf(got), nameOf(wanted), got ?? '', wanted ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
}
