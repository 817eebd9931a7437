import { ActionIcon, useComputedColorScheme } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import Sigma from 'sigma'
import type { Settings } from 'sigma/settings'
import { drawNodeHover, type Ink, inkOf } from './graph-ink.ts'
import type { Drawing } from './map-graph.ts'

type CanvasProps = { drawing: Drawing; selected: string | undefined; onSelect: (path: string | undefined) => void }

type Drawn = { nodes: number; links: number }

export function GraphCanvas({ drawing, selected, onSelect }: CanvasProps): ReactNode {
  const container = useRef<HTMLDivElement>(null)
  const [sigma, setSigma] = useState<Sigma>()
  const [drawn, setDrawn] = useState<Drawn>()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const choose = useRef(onSelect)
  choose.current = onSelect

  useEffect(() => {
    if (container.current === null) return undefined
    const renderer = newRenderer(drawing, container.current, lookOf(drawing, inkOf(scheme), selected))
    renderer.on('clickNode', ({ node }) => choose.current(node))
    renderer.on('clickStage', () => choose.current(undefined))
    renderer.once('afterRender', () => setDrawn(countDrawn(renderer)))
    setSigma(renderer)
    return () => renderer.kill()
  }, [drawing])

  useEffect(() => {
    if (sigma === undefined) return
    sigma.setSettings(lookOf(drawing, inkOf(scheme), selected))
    // Only a rendered node has a place that the camera knows.
    if (selected !== undefined) sigma.once('afterRender', () => void bringIntoView(sigma, selected))
  }, [sigma, scheme, drawing, selected])

  return (
    <div className="canvas">
      <div
        ref={container}
        className="canvas-sigma"
        role="img"
        aria-label={drawn === undefined ? 'Map' : `Map of ${drawn.nodes} nodes and ${drawn.links} links`}
        data-nodes-drawn={drawn?.nodes}
        data-links-drawn={drawn?.links}
      />
      <CameraButtons sigma={sigma} />
    </div>
  )
}

const newRenderer = ({ graph }: Drawing, container: HTMLElement, look: Partial<Settings>): Sigma =>
  new Sigma(graph, container, {
    ...look,
    defaultEdgeType: 'arrow',
    defaultDrawNodeHover: drawNodeHover,
    labelFont: getComputedStyle(container).fontFamily,
    labelSize: 12,
    labelDensity: 0.8,
    labelRenderedSizeThreshold: 3.5,
    minEdgeThickness: 1.5,
    stagePadding: 40,
    zIndex: true,
  })

/** Sigma's own word on what it shows, not what it was given. */
function countDrawn(sigma: Sigma): Drawn {
  const graph = sigma.getGraph()
  return {
    nodes: graph.filterNodes((node) => sigma.getNodeDisplayData(node)?.hidden === false).length,
    links: graph.filterEdges((edge) => sigma.getEdgeDisplayData(edge)?.hidden === false).length,
  }
}

/** Around a selected node its neighbours keep their colour and the rest steps back. */
function lookOf({ graph }: Drawing, ink: Ink, selected: string | undefined): Partial<Settings> {
  const known = selected !== undefined && graph.hasNode(selected) ? selected : undefined
  const near = known === undefined ? undefined : new Set([known, ...graph.neighbors(known)])
  return {
    labelColor: { color: ink.text },
    nodeReducer: (node, look) => {
      if (near === undefined) return look
      if (!near.has(node)) return { ...look, color: ink.faint, label: null, zIndex: 0 }
      return { ...look, zIndex: 1, forceLabel: true, highlighted: node === known }
    },
    edgeReducer: (edge, look) => {
      const touches = known !== undefined && graph.hasExtremity(edge, known)
      const color = touches ? ink.strong : known === undefined ? ink.line : ink.faint
      return { ...look, size: touches ? 2.2 : 1.5, color, zIndex: touches ? 1 : 0 }
    },
  }
}

function bringIntoView(sigma: Sigma, node: string): Promise<void> {
  const at = sigma.getNodeDisplayData(node)
  if (at === undefined) return Promise.resolve()
  const ratio = Math.min(sigma.getCamera().ratio, 0.7)
  return sigma.getCamera().animate({ x: at.x, y: at.y, ratio }, { duration: cameraMs() })
}

const cameraMs = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 350)

function CameraButtons({ sigma }: { sigma: Sigma | undefined }): ReactNode {
  const move = (how: 'animatedZoom' | 'animatedUnzoom' | 'animatedReset'): void =>
    void sigma?.getCamera()[how]({ duration: cameraMs() })
  return (
    <div className="canvas-buttons">
      <ActionIcon variant="default" aria-label="Zoom in" onClick={() => move('animatedZoom')}>
        +
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Zoom out" onClick={() => move('animatedUnzoom')}>
        −
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Show the whole map" onClick={() => move('animatedReset')}>
        ⤢
      </ActionIcon>
    </div>
  )
}
