import type { Issue } from './graph-schema.ts'

/** Issues whose links stand at other places now; `placeOf` gives none for a link that is gone. */
export const withLinkIndices = (issues: readonly Issue[], placeOf: (index: number) => number | undefined): Issue[] =>
  issues.map((issue) =>
    issue.linkIndices === undefined
      ? issue
      : { ...issue, linkIndices: issue.linkIndices.flatMap((index) => placeOf(index) ?? []).sort((a, b) => a - b) },
  )
