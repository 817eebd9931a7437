import MarkdownIt from 'markdown-it'

const markdown = new MarkdownIt('commonmark')
// Code is found by lines and backticks; the tree of inline elements, the costly part, is not needed.
markdown.core.ruler.enableOnly(['normalize', 'block'])

type Range = { from: number; to: number }

/** Where code blocks and code spans begin and end, one after the other. */
export type Code = readonly Range[]

export function codeIn(body: string): Code {
  if (!/[`~]|^(?: {4}| {0,3}\t)/m.test(body)) return []
  const starts = lineStarts(body)
  const at = (line: number): number => starts[line] ?? body.length
  return markdown.parse(body, {}).flatMap(({ type, map }) => {
    if (map === null) return []
    const range = { from: at(map[0]), to: at(map[1]) }
    if (type === 'fence' || type === 'code_block') return [range]
    return type === 'inline' ? codeSpans(body, range) : []
  })
}

const lineStarts = (text: string): number[] => [
  0,
  ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: end, index }) => index + end.length),
]

type Run = { start: number; end: number; opens: number }

/** A code span goes from a run of backticks to the next run of the same length. */
function codeSpans(text: string, range: Range): Range[] {
  const runs = backtickRuns(text, range)
  const ahead = runsByLength(runs)
  const spans: Range[] = []
  let free = range.from
  for (const { start, end, opens } of runs) {
    if (start < free) continue
    const closer = nextAfter(start, ahead.get(opens))
    if (closer === undefined) continue
    spans.push({ from: end - opens, to: closer.end })
    free = closer.end
  }
  return spans
}

function backtickRuns(text: string, { from, to }: Range): Run[] {
  return Array.from(text.slice(from, to).matchAll(/(\\*)(`+)/g), ({ 0: all, 1: slashes = '', 2: run = '', index }) => {
    const end = from + index + all.length
    // An odd backslash takes the first backtick off a run that would open a span; it means nothing to one that closes.
    return { start: end - run.length, end, opens: run.length - (slashes.length % 2) }
  })
}

/** For each length the runs of it, the nearest last. */
function runsByLength(runs: Run[]): Map<number, Run[]> {
  return Map.groupBy(runs.toReversed(), ({ start, end }) => end - start)
}

/** Takes away the runs that lie behind, so that all look-ups together cost one pass. */
function nextAfter(start: number, runs: Run[] = []): Run | undefined {
  let run = runs.at(-1)
  while (run !== undefined && run.start <= start) {
    runs.pop()
    run = runs.at(-1)
  }
  return run
}

/** The body with every character of its code blanked. Lines and offsets stay what they were. */
export function proseOf(body: string, code: Code): string {
  const parts: string[] = []
  let done = 0
  for (const { from, to } of code) {
    parts.push(body.slice(done, from), body.slice(from, to).replace(/[^\r\n]/g, ' '))
    done = to
  }
  return parts.join('') + body.slice(done)
}
