import { limits } from '@tenon/contract'
import { between, pick, type Random } from './random.ts'

/**
 * A text that a regular expression is meant to match; undefined where it says more than literals, classes, groups,
 * alternatives and counts. It is a guess: whoever uses it lets the expression decide.
 */
export function textMatching(pattern: string, random: Random): string | undefined {
  const reader = { pattern, at: 0, random }
  try {
    const text = alternatives(reader)
    return reader.at === pattern.length ? text : undefined
  } catch (thrown) {
    if (thrown instanceof BeyondReading) return undefined
    throw thrown
  }
}

class BeyondReading extends Error {}

type Reader = { readonly pattern: string; at: number; readonly random: Random }

/** Every branch is read, for the reader has to come past it; one is taken. */
function alternatives(reader: Reader): string {
  const branches = [sequence(reader)]
  while (reader.pattern[reader.at] === '|') {
    reader.at += 1
    branches.push(sequence(reader))
  }
  return pick(reader.random, branches) ?? ''
}

function sequence(reader: Reader): string {
  let text = ''
  while (reader.at < reader.pattern.length && !'|)'.includes(reader.pattern.charAt(reader.at))) text += repeated(reader)
  if (text.length > limits.sampleLengthMax) throw new BeyondReading()
  return text
}

/** An atom is read again for each time that it comes, so that each time may be another text. */
function repeated(reader: Reader): string {
  const from = reader.at
  atom(reader)
  const [least, most] = counts(reader)
  const end = reader.at
  let text = ''
  for (let left = between(reader.random, least, most); left > 0; left -= 1) {
    reader.at = from
    text += atom(reader)
    if (text.length > limits.sampleLengthMax) throw new BeyondReading()
  }
  reader.at = end
  return text
}

const USUAL: Readonly<Record<string, readonly [number, number]>> = { '*': [0, 3], '+': [1, 4], '?': [0, 1] }

function counts(reader: Reader): readonly [number, number] {
  const [word = '', least, comma, most] = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(reader.pattern.slice(reader.at)) ?? []
  reader.at += word.length
  if (word === '') return [1, 1]
  if (least === undefined) return USUAL[word.charAt(0)] ?? [1, 1]
  const from = Number(least)
  return [from, comma === '' ? from : most === undefined || most === '' ? from + 3 : Number(most)]
}

function atom(reader: Reader): string {
  const character = reader.pattern.charAt(reader.at)
  reader.at += 1
  if (character === '^' || character === '$') return ''
  if (character === '(') return group(reader)
  if (character === '[') return oneOf(reader, classOf(reader))
  if (character === '.') return oneOf(reader, WORDS)
  if (character === '\\') return oneOf(reader, escaped(reader))
  return character
}

function group(reader: Reader): string {
  const [opening = ''] = /^\?(?::|<[A-Za-z]\w*>)/.exec(reader.pattern.slice(reader.at)) ?? []
  if (opening === '' && reader.pattern[reader.at] === '?') throw new BeyondReading()
  reader.at += opening.length
  const text = alternatives(reader)
  reader.at += 1
  return text
}

const run = (from: string, to: string): string[] => {
  const first = from.charCodeAt(0)
  const length = Math.min(to.charCodeAt(0) - first + 1, 1_000)
  return Array.from({ length: Math.max(0, length) }, (_, index) => String.fromCharCode(first + index))
}

const DIGITS = run('0', '9')
const WORDS = [...run('a', 'z'), ...run('A', 'Z'), ...DIGITS, '_']
const CLASSES: Readonly<Record<string, readonly string[]>> = { d: DIGITS, w: WORDS, s: [' '], n: ['\n'], t: ['\t'] }

function escaped(reader: Reader): readonly string[] {
  const character = reader.pattern.charAt(reader.at)
  reader.at += 1
  const known = CLASSES[character]
  if (known === undefined && /[A-Za-z0-9]/.test(character)) throw new BeyondReading()
  return known ?? [character]
}

function classOf(reader: Reader): string[] {
  if (reader.pattern[reader.at] === '^') throw new BeyondReading()
  const members: string[] = []
  while (reader.pattern[reader.at] !== ']') {
    const from = member(reader)
    const [first] = from
    if (reader.pattern[reader.at] === '-' && reader.pattern[reader.at + 1] !== ']' && first !== undefined) {
      reader.at += 1
      members.push(...run(first, member(reader)[0] ?? first))
    } else members.push(...from)
  }
  reader.at += 1
  return members
}

function member(reader: Reader): readonly string[] {
  const character = reader.pattern[reader.at]
  reader.at += 1
  if (character === undefined) throw new BeyondReading()
  return character === '\\' ? escaped(reader) : [character]
}

function oneOf(reader: Reader, members: readonly string[]): string {
  const chosen = pick(reader.random, members)
  if (chosen === undefined) throw new BeyondReading()
  return chosen
}
