import type { Dialect, DialectName, DialectReading } from './description.ts'
import { datasetDialect } from './dialects/dataset.ts'
import { hostDialect } from './dialects/host.ts'
import { skillMapDialect } from './dialects/skill-map.ts'
import { readJson } from './json-text.ts'

/** The foreign manifests that are read as they are. */
export const dialects: Readonly<Record<Exclude<DialectName, 'tenon'>, Dialect>> = {
  host: hostDialect,
  dataset: datasetDialect,
  'skill-map': skillMapDialect,
}

/** Reads a foreign manifest's text, giving each problem its line. */
export function readDialect(name: keyof typeof dialects, text: string): DialectReading {
  const document = readJson(text)
  if (document.value === undefined || document.problems.length > 0)
    return { description: undefined, problems: document.problems, warnings: [] }
  const reading = dialects[name].read(document.value)
  for (const problem of [...reading.problems, ...reading.warnings]) problem.line ??= document.lineOf(problem.pointer)
  return reading
}
