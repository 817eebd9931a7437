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
  if (!mayHaveLongRun(text)) return [text]
  const parts: string[] = []
  let done = 0
  for (const { 0: run, index } of text.matchAll(/\p{L}+|\s+|[^\s\p{L}\p{N}]+/gu))
    for (let cut = RUN_CHARS; cut < run.length; cut += RUN_CHARS) {
      parts.push(text.slice(done, index + cut))
      done = index + cut
    }
  return [...parts, text.slice(done)]
}

/** Such a run goes over a place that is a multiple of its length; to look there takes a fraction of the time. */
function mayHaveLongRun(text: string): boolean {
  for (let at = RUN_CHARS; at < text.length; at += RUN_CHARS) if (isWithinLongRun(text, at)) return true
  return false
}

function isWithinLongRun(text: string, at: number): boolean {
  const isSpace = isSpaceAt(text, at)
  const goesOn = (index: number): boolean => index >= 0 && index < text.length && isSpaceAt(text, index) === isSpace
  let [from, to] = [at, at]
  while (to - from < RUN_CHARS && goesOn(from - 1)) from -= 1
  while (to - from < RUN_CHARS && goesOn(to + 1)) to += 1
  return to - from >= RUN_CHARS
}

const isSpaceAt = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index)
  return code <= 0x20 || (code > 0x7e && /\s/.test(text.charAt(index)))
}
