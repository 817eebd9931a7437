import { codeIn, type Code } from './prose.ts'
import { loadTokenCounter } from './tokens.ts'

/** A file's text as it was cut. */
export type CutText = readonly [frontMatter: string, body: string]

/** How many tokens the two parts of a text have. */
export type TokenCounts = readonly [frontMatter: number, body: number]

/** What it takes longer to find out of a text than to read it. */
export type TextFacts = {
  /** Where they are counted. */
  tokens?: TokenCounts | undefined
  /** Where in the body code is. */
  code: Code
}

/** Texts in whose bodies two threads look for code: in each the one that marks it first. */
export type SharedTexts = { texts: readonly CutText[]; taken: Uint8Array<SharedArrayBuffer> }

export async function factsOf(texts: readonly CutText[], isCounted: boolean): Promise<TextFacts[]> {
  const tokens = isCounted && texts.length > 0 ? await tokensOf(texts) : []
  return texts.map(([, body], index) => ({ tokens: tokens[index], code: codeIn(body) }))
}

export async function tokensOf(texts: readonly CutText[]): Promise<TokenCounts[]> {
  const count = await loadTokenCounter()
  return texts.map(([frontMatter, body]) => [count(frontMatter), count(body)])
}

/** The code in those at these places that nobody has taken before. */
export function codeOfFree({ texts, taken }: SharedTexts, places: Iterable<number>): Map<number, Code> {
  const found = new Map<number, Code>()
  for (const place of places)
    if (Atomics.exchange(taken, place, 1) === 0) found.set(place, codeIn(texts[place]?.[1] ?? ''))
  return found
}
