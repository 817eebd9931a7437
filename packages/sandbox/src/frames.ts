import { assert, limits, TenonError, type Json } from '@tenon/contract'

const HEADER_BYTES = 4
const QUOTE = 0x22
const BACKSLASH = 0x5c
const isOpening = (byte: number | undefined): boolean => byte === 0x5b || byte === 0x7b
const isClosing = (byte: number | undefined): boolean => byte === 0x5d || byte === 0x7d

/** A message as it travels: the length of its JSON text in four bytes, most significant first, then the text. */
export function encodeFrame(message: { [key: string]: Json }): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  if (body.length > limits.frameBytes)
    throw new TenonError(
      'QUOTA_EXCEEDED',
      `a message of ${body.length} bytes is over the ${limits.frameBytes} allowed`,
      {
        hint: 'Pass large data as files or in parts.',
      },
    )
  if (depthOf(body) > limits.frameDepthMax)
    throw new TenonError('QUOTA_EXCEEDED', `a message is nested deeper than ${limits.frameDepthMax}`, {
      hint: 'Pass flatter data.',
    })
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

export type FrameReader = {
  /** Every message that this chunk completes. Throws PROTOCOL_VIOLATION. */
  push(chunk: Buffer): Json[]
  /** Whether a message has begun and not ended. */
  isPartial(): boolean
}

/** Takes a stream apart. An announced length is checked before a byte of its body is kept. */
export function frameReader(): FrameReader {
  let chunks: Buffer[] = []
  let held = 0
  let wanted: number | undefined
  const take = (count: number): Buffer => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
    const [all] = chunks
    assert(all !== undefined, 'only what is held is taken')
    chunks = [all.subarray(count)]
    held -= count
    return all.subarray(0, count)
  }
  const next = (): Json | undefined => {
    if (wanted === undefined && held >= HEADER_BYTES) wanted = announced(take(HEADER_BYTES).readUInt32BE())
    if (wanted === undefined || held < wanted) return undefined
    const body = take(wanted)
    wanted = undefined
    return decoded(body)
  }
  return {
    push(chunk) {
      chunks.push(chunk)
      held += chunk.length
      const messages: Json[] = []
      for (let message = next(); message !== undefined; message = next()) messages.push(message)
      return messages
    },
    isPartial: () => held > 0 || wanted !== undefined,
  }
}

export const violation = (what: string): TenonError =>
  new TenonError('PROTOCOL_VIOLATION', `the plugin ${what}`, {
    hint: 'Plugin code talks to the host through its SDK only.',
  })

function announced(length: number): number {
  if (length > limits.frameBytes) throw violation(`announced a message of ${length} bytes`)
  return length
}

function decoded(body: Buffer): Json {
  if (depthOf(body) > limits.frameDepthMax) throw violation(`sent JSON nested deeper than ${limits.frameDepthMax}`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new TenonError('PROTOCOL_VIOLATION', 'the plugin sent what is not JSON', { cause })
  }
}

/** The deepest nesting, found without building anything. UTF-8 has no other use for the bytes looked at. */
function depthOf(body: Buffer): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (inString && byte === BACKSLASH) at += 1
    else if (byte === QUOTE) inString = !inString
    else if (!inString && isOpening(byte)) deepest = Math.max(deepest, ++depth)
    else if (!inString && isClosing(byte)) depth -= 1
  }
  return deepest
}
