import { MultiDirectedGraph } from 'graphology'
import forceAtlas2 from 'graphology-layout-forceatlas2'

/** Nodes are their indices; edges are pairs of them, one after the other. */
export type LayoutTask = { nodes: number; edges: Uint32Array }

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))

/** A pair of coordinates for each node. Starts from a sunflower, not from chance, so that one scan has one picture. */
export function layout({ nodes, edges }: LayoutTask): Float32Array<ArrayBuffer> {
  const graph = new MultiDirectedGraph()
  for (let index = 0; index < nodes; index += 1) {
    const radius = Math.sqrt(index + 0.5)
    const angle = index * GOLDEN_ANGLE
    graph.addNode(index, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) })
  }
  for (let at = 0; at < edges.length; at += 2) graph.addEdge(edges[at], edges[at + 1])
  const settings = {
    ...forceAtlas2.inferSettings(graph),
    gravity: 0.6,
    barnesHutOptimize: nodes > 300,
    barnesHutTheta: 0.8,
  }
  const found = forceAtlas2(graph, { iterations: roundsFor(nodes), settings })
  const positions = new Float32Array(nodes * 2)
  for (let index = 0; index < nodes; index += 1) {
    positions[index * 2] = found[index]?.['x'] ?? 0
    positions[index * 2 + 1] = found[index]?.['y'] ?? 0
  }
  return positions
}

/** A round costs more on a large map, and is worth less there. */
const roundsFor = (nodes: number): number => (nodes < 500 ? 500 : nodes < 5_000 ? 120 : 40)
