import { assert, jsonValue } from '@tenon/contract'

/** A spec's text with another version and every other byte as it was. It is JSON, and its version is a text. */
export function withVersion(text: string, version: string): string {
  const place = versionPlace(text)
  assert(place !== undefined, 'a valid spec has a version')
  return `${text.slice(0, place[0])}${JSON.stringify(version)}${text.slice(place[1])}`
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g

/** From where to where the value of the outermost `version` stands, quotes included. */
function versionPlace(text: string): [number, number] | undefined {
  let depth = 0
  let isNext = false
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if ('{['.includes(token)) depth += 1
    else if ('}]'.includes(token)) depth -= 1
    else if (isNext) return [index, index + token.length]
    else isNext = depth === 1 && isKey(text, index + token.length) && jsonValue(token) === 'version'
  }
  return undefined
}

const isKey = (text: string, after: number): boolean => /^\s*:/.test(text.slice(after, after + 256))
