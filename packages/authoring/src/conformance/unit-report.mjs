// Writes what Node's test runner tells as lines of JSON: one for each test that failed, and one with the counts at the end.
const isOwn = ({ type }) => type !== 'suite'
/** Node takes a file that declares no test for one that passes. */
const isFile = (type, { name, file }) => type === 'test:pass' && name === file

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* report(source) {
  const counts = { tests: 0, failed: 0, skipped: 0 }
  let coverage
  for await (const { type, data } of source) {
    if (type === 'test:coverage') coverage = data.summary
    if ((type !== 'test:pass' && type !== 'test:fail') || !isOwn(data.details) || isFile(type, data)) continue
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped += 1
    else counts.tests += 1
    if (type !== 'test:fail' || data.todo !== undefined) continue
    counts.failed += 1
    yield `${JSON.stringify({ failed: failureOf(data) })}\n`
  }
  yield `${JSON.stringify({ ended: { ...counts, files: filesOf(coverage) } })}\n`
}

const failureOf = ({ name, file, line, details: { error } }) => ({
  name,
  file: file ?? '',
  line: line ?? 0,
  message: String(error?.cause?.message ?? error?.message ?? error).slice(0, 2_000),
})

const filesOf = (summary) =>
  (summary?.files ?? []).map(({ path, totalLineCount, coveredLineCount }) => ({
    path,
    lines: totalLineCount,
    covered: coveredLineCount,
  }))
