import { isAscii } from 'node:buffer'
import { assert, jsonValue, limits, TenonError, type Json } from '@tenon/contract'

const HEADER_BYTES = 4
const QUOTE = 0x22
const BACKSLASH = 0x5c
const isOpening = (byte: number | undefined): boolean => byte === 0x5b || byte === 0x7b
const isClosing = (byte: number | undefined): boolean => byte === 0x5d || byte === 0x7d

/** A message as it travels: the length of its JSON text in four bytes, most significant first, then the text. */
export function encodeFrame(message: { [key: string]: Json }): Buffer {
  const text = JSON.stringify(message)
  const frame = asciiFrame(text) ?? utf8Frame(text)
  if (depthOf(frame.subarray(HEADER_BYTES)) > limits.frameDepthMax)
    throw new TenonError('QUOTA_EXCEEDED', `a message is nested deeper than ${limits.frameDepthMax}`, {
      hint: 'Pass flatter data.',
    })
  return frame
}

const encoder = new TextEncoder()

/** Most text has as many bytes as characters, which is seen by writing it: counting first takes several times as long. */
function asciiFrame(text: string): Buffer | undefined {
  if (text.length > limits.frameBytes) return undefined
  const frame = emptyFrame(text.length)
  return encoder.encodeInto(text, frame.subarray(HEADER_BYTES)).read === text.length ? frame : undefined
}

function utf8Frame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length > limits.frameBytes)
    throw new TenonError('QUOTA_EXCEEDED', `a message of ${length} bytes is over the ${limits.frameBytes} allowed`, {
      hint: 'Pass large data as files or in parts.',
    })
  const frame = emptyFrame(length)
  frame.write(text, HEADER_BYTES)
  return frame
}

function emptyFrame(length: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length)
  frame.writeUInt32BE(length)
  return frame
}

export type FrameReader = {
  /** Every message that this chunk completes. Throws PROTOCOL_VIOLATION. */
  push(chunk: Buffer): Json[]
  /** Whether a message has begun and not ended. */
  isPartial(): boolean
}

const NOTHING = Buffer.alloc(0)

/** Takes a stream apart. An announced length is checked before a byte of its body is kept. */
export function frameReader(): FrameReader {
  let chunks: Buffer[] = []
  let held = 0
  let wanted: number | undefined
  const take = (count: number): Buffer => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
    const [all = NOTHING] = chunks
    assert(all.length >= count, 'only what is held is taken')
    chunks = all.length === count ? [] : [all.subarray(count)]
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

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function decoded(body: Buffer): Json {
  if (depthOf(body) > limits.frameDepthMax) throw violation(`sent JSON nested deeper than ${limits.frameDepthMax}`)
  try {
    return jsonValue(isAscii(body) ? body.toString('latin1') : strictUtf8.decode(body)) as Json
  } catch (cause) {
    throw new TenonError('PROTOCOL_VIOLATION', 'the plugin sent what is not JSON', { cause })
  }
}

/** The deepest nesting, found without building anything. UTF-8 has no other use for the bytes looked at. */
function depthOf(body: Buffer): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === QUOTE) at = endOfString(body, at)
    else if (isOpening(byte)) deepest = Math.max(deepest, ++depth)
    else if (isClosing(byte)) depth -= 1
  }
  return deepest
}

/** Where the string that begins at a place ends: at the next quote that no backslash stands for. */
function endOfString(body: Buffer, begin: number): number {
  for (let end = body.indexOf(QUOTE, begin + 1); end !== -1; end = body.indexOf(QUOTE, end + 1)) {
    let backslashes = 0
    while (body[end - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return end
  }
  return body.length
}
