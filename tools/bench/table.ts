import { median, percentile, type Measured } from './trials.ts'

/** The results of one bench; every subject after the first is what the first is compared with. */
export type Result = { bench: string; measured: readonly Measured[] }

const HEAD = ['', 'median', 'p99', 'min', 'max', 'memory', 'trials', 'against']

/** Results as a table in Markdown. */
export function table(results: readonly Result[]): string {
  const rows = results.flatMap(({ bench, measured }) => [
    [`**${bench}**`, ...HEAD.slice(1).map(() => '')],
    ...measured.map((one, index) => rowOf(one, index === 0 ? undefined : measured[0])),
  ])
  const widths = HEAD.map((head, column) => Math.max(3, ...[head, ...rows.map((row) => row[column] ?? '')].map(width)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join(' | ')} |`
  const rule = widths.map((count, column) => (column === 0 ? '-'.repeat(count) : `${'-'.repeat(count - 1)}:`))
  return [line(HEAD), line(rule), ...rows.map(line)].join('\n')
}

function rowOf({ name, samples }: Measured, compared: Measured | undefined): string[] {
  const times = samples.map(({ ms }) => ms)
  const memory = samples.flatMap(({ memoryBytes }) => memoryBytes ?? [])
  return [
    name,
    duration(median(times)),
    duration(percentile(times, 0.99)),
    duration(Math.min(...times)),
    duration(Math.max(...times)),
    memory.length === 0 ? '' : `${Math.round(median(memory) / 1_048_576)} MB`,
    String(samples.length),
    compared === undefined ? '' : `${(medianOf(compared) / median(times)).toFixed(1)} ×`,
  ]
}

const medianOf = ({ samples }: Measured): number => median(samples.map(({ ms }) => ms))

/** With three significant digits. */
export function duration(ms: number): string {
  if (ms >= 1_000) return `${Number((ms / 1_000).toPrecision(3))} s`
  return ms >= 1 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms * 1_000).toPrecision(3))} µs`
}

const width = (text: string): number => [...text].length

const padded = (text: string, length: number, column: number): string =>
  column === 0 ? text + ' '.repeat(length - width(text)) : ' '.repeat(length - width(text)) + text
