import { queryOptions } from '@tanstack/react-query'
import { MultiDirectedGraph } from 'graphology'
import { kindsOf } from './kind-colors.ts'
import type { LayoutTask } from './layout.ts'
import { labelsOf } from './node-labels.ts'
import { factsByPath } from './scan-links.ts'
import type { Scan } from './scan.ts'

export type NodeLook = { label: string; color: string; size: number; x: number; y: number }

export type Drawing = {
  scannedAt: number
  graph: MultiDirectedGraph<NodeLook>
  /** Links that lead to no single node of the map, and so cannot be drawn. */
  undrawn: number
}

/** The picture of a scan. A scan that was drawn once is not laid out again. */
export const drawingQuery = (scan: Scan) =>
  queryOptions({
    queryKey: ['drawing', scan.scannedAt, scan.roots, scan.nodes.length, scan.links.length],
    queryFn: ({ signal }) => draw(scan, signal),
    staleTime: Infinity,
    structuralSharing: false,
  })

async function draw(scan: Scan, signal: AbortSignal): Promise<Drawing> {
  const graph = new MultiDirectedGraph<NodeLook>()
  const colors = new Map(kindsOf(scan.nodes).map(({ kind, color }) => [kind, color]))
  const labels = labelsOf(scan.nodes.map(({ path }) => path))
  const indices = new Map(scan.nodes.map(({ path }, index) => [path, index]))
  const crowding = Math.min(1, Math.max(0.2, (150 / scan.nodes.length) ** 0.45))
  const edges: number[] = []
  let undrawn = 0
  for (const [path, { node, out, in: into }] of factsByPath(scan)) {
    const size = Math.min(4 + 1.6 * Math.sqrt(out.length + into.length), 20) * crowding
    graph.addNode(path, { label: labels.get(path) ?? path, color: colors.get(node.kind) ?? '', size, x: 0, y: 0 })
    for (const { to } of out) {
      if (to === undefined) undrawn += 1
      else edges.push(indices.get(path) ?? 0, indices.get(to) ?? 0)
    }
  }
  for (let at = 0; at < edges.length; at += 2)
    graph.addDirectedEdge(scan.nodes[edges[at] ?? 0]?.path, scan.nodes[edges[at + 1] ?? 0]?.path)
  const positions = await layOut({ nodes: scan.nodes.length, edges: Uint32Array.from(edges) }, signal)
  graph.updateEachNodeAttributes((path, look) => {
    const index = indices.get(path) ?? 0
    return { ...look, x: positions[index * 2] ?? 0, y: positions[index * 2 + 1] ?? 0 }
  })
  return { scannedAt: scan.scannedAt, graph, undrawn }
}

/** Laid out beside the page, so that it stays usable; a page that is left stops the work. */
function layOut(task: LayoutTask, signal: AbortSignal): Promise<Float32Array> {
  const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
  worker.addEventListener('message', ({ data }: MessageEvent<Float32Array>) => resolve(data))
  worker.addEventListener('error', ({ message }) => reject(new Error(`the map could not be laid out: ${message}`)))
  signal.addEventListener('abort', () => reject(signal.reason))
  worker.postMessage(task, [task.edges.buffer])
  return promise.finally(() => worker.terminate())
}
