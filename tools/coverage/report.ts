// Prints the coverage of each package, spawned processes included, and fails where it is below the bound.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addSpawned, spawnedCounts, type FileCoverage } from './spawned.ts'
import { percent, summaryOf } from './summary.ts'

const BOUND = 95
/** Pages run in the browser; its case drives them. */
const FREE = ['console']

const root = fileURLToPath(new URL('../../', import.meta.url))
const [dumps = ''] = process.argv.slice(2)
const known = Object.values(
  JSON.parse(readFileSync(`${root}coverage/coverage-final.json`, 'utf8')) as Record<string, FileCoverage>,
)
const spawned = existsSync(dumps) ? spawnedCounts(dumps) : new Map<string, never[]>()
const merged = known.map((file) => addSpawned(file, spawned.get(file.path) ?? [], readFileSync(file.path, 'utf8')))
const byPackage = Object.groupBy(merged, ({ path }) => path.slice(root.length).split('/')[1] ?? '')
const low: string[] = []
for (const [name, files = []] of Object.entries(byPackage).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const { lines, branches } = summaryOf(files)
  const [ofLines, ofBranches] = [percent(lines), percent(branches)]
  console.log(
    `${name.padEnd(12)} lines ${ofLines.toFixed(1).padStart(5)} %   branches ${ofBranches.toFixed(1).padStart(5)} %`,
  )
  if (!FREE.includes(name) && Math.min(ofLines, ofBranches) < BOUND) low.push(name)
}
if (low.length > 0) console.log(`below the bound of ${BOUND} %: ${low.join(', ')}`)
process.exitCode = low.length > 0 ? 1 : 0
