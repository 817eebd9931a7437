import { digestBytes } from '@tenon/bundle'
import { digestHex } from '@tenon/contract'

/** A region of a hand-written file that is derived: everything between the two lines. */
export type Fence = { id: string; generator: string; body: string }

/** A fence as it stands in a text, from its first line to its last, with the digest of what was derived into it. */
export type PlacedFence = Fence & { from: number; to: number; sha: string }

/** Something wrong with how a fence is written, and whether an edit of what is inside it is all that is wrong. */
export type FenceFault = { line: number; message: string; edited: boolean }

const BEGIN = /^\s*(?:\/\/|#) <auto:begin id=([\w.-]+) gen=([\w@.-]+) sha256=([0-9a-f]{64})>$/
const END = /^\s*(?:\/\/|#) <auto:end id=([\w.-]+)>$/
const EITHER = /^\s*(?:\/\/|#)\s*<auto:/

const bodyDigest = (body: string): string => digestHex(digestBytes(body))

export function fenceText({ id, generator, body }: Fence, comment: '//' | '#'): string {
  return [
    `${comment} <auto:begin id=${id} gen=${generator} sha256=${bodyDigest(body)}>`,
    body,
    `${comment} <auto:end id=${id}>`,
  ].join('\n')
}

type Open = { id: string; generator: string; sha: string; from: number }

/** Where the fences of a text are, and what is wrong with how they are written. */
export function readFences(text: string): { fences: PlacedFence[]; faults: FenceFault[] } {
  const lines = text.split('\n')
  const fences: PlacedFence[] = []
  const faults: FenceFault[] = []
  const fault = (line: number, message: string, edited = false): void =>
    void faults.push({ line: line + 1, message, edited })
  let open: Open | undefined
  for (const [index, line] of lines.entries()) {
    const [begun, ended] = [BEGIN.exec(line), END.exec(line)?.[1]]
    if (begun !== null) {
      const [, id = '', generator = '', sha = ''] = begun
      if (open !== undefined) fault(index, `the fence "${id}" begins inside the fence "${open.id}"`)
      open = { id, generator, sha, from: index }
    } else if (ended !== undefined) {
      if (open?.id === ended) close(open, index)
      else fault(index, `the fence "${ended}" ends but did not begin`)
      open = undefined
    } else if (EITHER.test(line)) fault(index, 'a fence line is malformed')
  }
  if (open !== undefined) fault(open.from, `the fence "${open.id}" does not end`)
  return { fences, faults }

  function close(begun: Open, to: number): void {
    const fence = { ...begun, body: lines.slice(begun.from + 1, to).join('\n'), to }
    if (fences.some(({ id }) => id === fence.id)) fault(fence.from, `the fence "${fence.id}" occurs twice`)
    if (!isAsDerived(fence)) fault(fence.from, `what is inside the fence "${fence.id}" was edited by hand`, true)
    fences.push(fence)
  }
}

/** In an empty fence nothing of anybody's can be lost. */
export const isAsDerived = ({ body, sha }: PlacedFence): boolean => body.trim() === '' || bodyDigest(body) === sha

/** The text with another body in one of its fences. */
export function replaceFence(text: string, place: PlacedFence, fence: Fence, comment: '//' | '#'): string {
  const lines = text.split('\n')
  return lines.toSpliced(place.from, place.to - place.from + 1, fenceText(fence, comment)).join('\n')
}
