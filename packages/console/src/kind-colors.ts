/** Prose is most of a map, so it is grey and what acts stands out. */
const KNOWN: Readonly<Record<string, string>> = {
  agent: '#3f7fd0',
  command: '#cf8a17',
  skill: '#2f9c6a',
  markdown: '#938b80',
}

const OTHERS = ['#8d6cc9', '#c75d7c', '#2f98ad', '#a2722f', '#6d8f2e', '#b3589f']

export type Kind = { kind: string; count: number; color: string }

/** Kinds by falling count, each with its colour. */
export function kindsOf(nodes: readonly { kind: string }[]): Kind[] {
  const counts = new Map<string, number>()
  for (const { kind } of nodes) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const unknown = [...counts.keys()].filter((kind) => KNOWN[kind] === undefined).sort()
  return [...counts]
    .map(([kind, count]) => ({ kind, count, color: KNOWN[kind] ?? otherColor(unknown.indexOf(kind)) }))
    .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
}

const otherColor = (index: number): string => OTHERS[index % OTHERS.length] ?? '#938b80'
