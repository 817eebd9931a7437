import { digestBytes } from '@tenon/bundle'
import { digestHex, type Problem } from '@tenon/contract'

/** A region of a hand-written file that is derived: everything between the two lines. */
export type Fence = { id: string; generator: string; body: string }

const BEGIN = /^(\s*)(\/\/|#) <auto:begin id=([\w.-]+) gen=([\w@.-]+) sha256=([0-9a-f]{64})>$/
const END = /^\s*(?:\/\/|#) <auto:end id=([\w.-]+)>$/

const bodyDigest = (body: string): string => digestHex(digestBytes(body.replaceAll('\r\n', '\n')))

export function fenceText({ id, generator, body }: Fence, comment: '//' | '#'): string {
  return [
    `${comment} <auto:begin id=${id} gen=${generator} sha256=${bodyDigest(body)}>`,
    body,
    `${comment} <auto:end id=${id}>`,
  ].join('\n')
}

/** Where the fences of a text are, and what is wrong with how they are written. */
export function readFences(
  text: string,
  file: string,
): { fences: (Fence & { from: number; to: number })[]; problems: Problem[] } {
  const lines = text.split('\n')
  const fences: (Fence & { from: number; to: number })[] = []
  const problems: Problem[] = []
  const fault = (line: number, message: string): void => {
    problems.push({
      pointer: '',
      code: 'FENCE_BROKEN',
      file,
      line: line + 1,
      message: `${file}:${line + 1} ${message}`,
    })
  }
  let open: { id: string; generator: string; sha: string; from: number } | undefined
  for (const [index, line] of lines.entries()) {
    const begin = BEGIN.exec(line)
    const end = END.exec(line)?.[1]
    if (begin !== null) {
      if (open !== undefined) fault(index, `the fence "${begin[3]}" begins inside the fence "${open.id}"`)
      open = { id: begin[3] ?? '', generator: begin[4] ?? '', sha: begin[5] ?? '', from: index }
    } else if (end !== undefined) {
      if (open?.id !== end) fault(index, `the fence "${end}" ends but did not begin`)
      else closeFence(open, index)
      open = undefined
    } else if (line.includes('<auto:')) fault(index, 'a fence line is malformed')
  }
  if (open !== undefined) fault(open.from, `the fence "${open.id}" does not end`)
  return { fences, problems }

  function closeFence(fence: { id: string; generator: string; sha: string; from: number }, to: number): void {
    const body = lines.slice(fence.from + 1, to).join('\n')
    if (bodyDigest(body) !== fence.sha) fault(fence.from, `the fence "${fence.id}" was edited by hand`)
    fences.push({ id: fence.id, generator: fence.generator, body, from: fence.from, to })
  }
}

/** The text with the body of one fence replaced; undefined when it has no such fence. */
export function replaceFence(text: string, fence: Fence, comment: '//' | '#'): string | undefined {
  const place = readFences(text, '').fences.find(({ id }) => id === fence.id)
  if (place === undefined) return undefined
  const lines = text.split('\n')
  return [...lines.slice(0, place.from), ...fenceText(fence, comment).split('\n'), ...lines.slice(place.to + 1)].join(
    '\n',
  )
}
