/** `gate` lets what is between it and the step three on be left out. */
type Step = { char: string } | { any: 'segment' | 'path' } | 'gate'

/**
 * Whether a path is one that a pattern means: `*` stands for any part of a segment, `**` for anything, and `**` with a
 * slash after it for any number of whole segments, none among them. It takes time by length of path times pattern.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const steps = stepsOf(pattern)
  return (path) => {
    let places = reached([0], steps)
    for (const char of path)
      places = reached(
        [...places].flatMap((place) => after(steps[place], place, char)),
        steps,
      )
    return places.has(steps.length)
  }
}

function stepsOf(pattern: string): Step[] {
  const tokens = pattern.match(/\*\*\/|\*\*|[^]/gu) ?? []
  return tokens.flatMap((token, index): Step[] => {
    const startsSegment = index === 0 || tokens[index - 1]?.endsWith('/') === true
    if (token === '**/') return [...(startsSegment ? (['gate'] as const) : []), { any: 'path' }, { char: '/' }]
    if (token === '**') return [{ any: 'path' }]
    return [token === '*' ? { any: 'segment' } : { char: token }]
  })
}

/** These places, and those that are reached from them without taking a character. */
function reached(places: readonly number[], steps: readonly Step[]): Set<number> {
  const all = new Set(places)
  // A set goes on over what is added meanwhile.
  for (const place of all) {
    const step = steps[place]
    if (step === undefined || (step !== 'gate' && 'char' in step)) continue
    all.add(place + 1)
    if (step === 'gate') all.add(place + 3)
  }
  return all
}

function after(step: Step | undefined, place: number, char: string): number[] {
  if (step === undefined || step === 'gate') return []
  if ('char' in step) return step.char === char ? [place + 1] : []
  return step.any === 'path' || char !== '/' ? [place] : []
}
