import { codeIn, type Code } from './prose.ts'
import { loadTokenCounter } from './tokens.ts'

/** A file's text as it was cut. */
export type CutText = readonly [frontMatter: string, body: string]

/** What it takes longer to find out of a text than to read it. */
export type TextFacts = {
  /** Of its two parts, where they are counted. */
  tokens?: readonly [frontMatter: number, body: number]
  /** Where in the body code is. */
  code: Code
}

export type TextsAsked = { texts: readonly CutText[]; isCounted: boolean }

export async function factsOf({ texts, isCounted }: TextsAsked): Promise<TextFacts[]> {
  const count = isCounted && texts.length > 0 ? await loadTokenCounter() : undefined
  return texts.map(([frontMatter, body]) => ({
    ...(count && { tokens: [count(frontMatter), count(body)] as const }),
    code: codeIn(body),
  }))
}
