/** How many cl100k_base tokens a text has. */
export type TokenCounter = (text: string) => number

/** Loads the tokenizer, which takes a tenth of a second and is not needed by every scan. */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/cl100k_base')
  const asText = { disallowedSpecial: new Set<string>() }
  return (text) => partsOf(text).reduce((sum, part) => sum + countTokens(part, asText), 0)
}

/** The merging of one unbroken run costs the square of its length; longer ones are cut, which only garbage notices. */
const RUN_CHARS = 512

function partsOf(text: string): string[] {
  const parts: string[] = []
  let done = 0
  for (const { 0: run, index } of text.matchAll(/\p{L}+|\s+|[^\s\p{L}\p{N}]+/gu))
    for (let cut = RUN_CHARS; cut < run.length; cut += RUN_CHARS) {
      parts.push(text.slice(done, index + cut))
      done = index + cut
    }
  return [...parts, text.slice(done)]
}
