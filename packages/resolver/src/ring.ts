/** The nodes of one ring of a graph, if it has one: peels off whatever leads nowhere, then follows what is left. */
export function ringIn(graph: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const targets = new Map([...graph].map(([node, next]) => [node, new Set(next)]))
  const sources = new Map<string, string[]>([...graph.keys()].map((node) => [node, []]))
  for (const [node, next] of targets) for (const target of next) sources.get(target)?.push(node)
  const ends = [...targets].filter(([, next]) => next.size === 0).map(([node]) => node)
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    targets.delete(end)
    for (const source of sources.get(end) ?? []) {
      const left = targets.get(source)
      left?.delete(end)
      if (left?.size === 0) ends.push(source)
    }
  }
  const walked = new Set<string>()
  let [at] = targets.keys()
  for (; at !== undefined && !walked.has(at); [at] = targets.get(at) ?? []) walked.add(at)
  return at === undefined ? undefined : [...walked].slice([...walked].indexOf(at))
}
