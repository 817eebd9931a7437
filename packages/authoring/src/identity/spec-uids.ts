import { assert, jsonValue } from '@tenon/contract'

/** Where in a spec a uid belongs: in the spec itself or in the operation at this index. */
export type UidPlace = { operation: number | undefined; uid: string }

type Member = { key: string; start: number; value: number; end: number }

/** Writes uids into the text of a valid spec, after the name of what they identify. Every other byte stays as it is. */
export function withUids(text: string, places: readonly UidPlace[]): string {
  const edits = places.map((place) => editOf(text, place)).toSorted((a, b) => b.from - a.from)
  return edits.reduce((edited, { from, to, put }) => edited.slice(0, from) + put + edited.slice(to), text)
}

function editOf(text: string, { operation, uid }: UidPlace): { from: number; to: number; put: string } {
  const open = operation === undefined ? text.indexOf('{') : operationAt(text, operation)
  const members = membersOf(text, open)
  const present = members.find(({ key }) => key === 'uid')
  const put = JSON.stringify(uid)
  if (present !== undefined) return { from: present.value, to: present.end, put }
  const name = members.find(({ key }) => key === (operation === undefined ? 'id' : 'name'))
  assert(name !== undefined, 'a valid spec names itself and its operations')
  const colon = text.slice(text.indexOf(':', valueEnd(text, name.start)), name.value)
  return { from: name.end, to: name.end, put: `,${spaceBefore(text, name.start)}"uid"${colon}${put}` }
}

function operationAt(text: string, index: number): number {
  const operations = membersOf(text, text.indexOf('{')).find(({ key }) => key === 'operations')
  assert(operations !== undefined, 'the operation was read from this text')
  let at = skipSpace(text, operations.value + 1)
  for (let passed = 0; passed < index; passed += 1) at = skipSpace(text, skipSpace(text, valueEnd(text, at)) + 1)
  return at
}

/** The members of the object that begins at `open`. */
function membersOf(text: string, open: number): Member[] {
  const members: Member[] = []
  for (let at = skipSpace(text, open + 1); text[at] === '"'; at = skipSpace(text, at)) {
    const keyEnd = valueEnd(text, at)
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, value)
    members.push({ key: String(jsonValue(text.slice(at, keyEnd))), start: at, value, end })
    at = skipSpace(text, end)
    if (text[at] === ',') at += 1
  }
  return members
}

const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y
const BRACKET = /"(?:[^"\\]|\\.)*"|[[\]{}]/g

function valueEnd(text: string, start: number): number {
  const isHolder = text[start] === '{' || text[start] === '['
  const pattern = isHolder ? BRACKET : SCALAR
  pattern.lastIndex = start
  for (let depth = 0; ; ) {
    const match = pattern.exec(text)
    assert(match !== null, 'the text was read as JSON')
    const [token] = match
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    if (depth === 0) return pattern.lastIndex
  }
}

const skipSpace = (text: string, from: number): number => from + text.slice(from).search(/[^ \t\r\n]|$/)

const spaceBefore = (text: string, at: number): string => text.slice(text.slice(0, at).trimEnd().length, at)
