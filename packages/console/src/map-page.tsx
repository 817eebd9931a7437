import { Button, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import { HostProblem } from './api.ts'
import { GraphCanvas } from './graph-canvas.tsx'
import { type Kind, kindsOf } from './kind-colors.ts'
import { Loaded } from './loaded.tsx'
import { drawingQuery } from './map-graph.ts'
import { NodeDetails } from './node-details.tsx'
import { KindDot, NodeList } from './node-list.tsx'
import { Page } from './page.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { factsByPath } from './scan-links.ts'
import { type Scan, scanQuery, useScanAgain } from './scan.ts'
import { Time } from './time.tsx'
import { hasWebgl } from './webgl.ts'

const route = getRouteApi('/map')

export function MapPage(): ReactNode {
  const scan = useQuery(scanQuery)
  const again = useScanAgain()
  const scanNow = (allowEmpty: boolean): void => {
    if (!again.isPending) again.mutate({ allowEmpty })
  }
  const scanAgain = (
    <Button variant="default" size="xs" aria-busy={again.isPending} onClick={() => scanNow(false)}>
      {again.isPending ? 'Scanning …' : scan.data === null ? 'Scan' : 'Scan again'}
    </Button>
  )
  return (
    <Page title="Map" about={scan.data && <ScanLine scan={scan.data} />} actions={scanAgain}>
      {again.isError && (
        <ProblemNotice problem={again.error} onDismiss={() => again.reset()}>
          {isEmptied(again.error) && (
            <Button variant="default" size="xs" onClick={() => scanNow(true)}>
              Keep the empty map
            </Button>
          )}
        </ProblemNotice>
      )}
      <Loaded query={scan} what="the map">
        {(data) =>
          data === null || data.nodes.length === 0 ? (
            <NothingThere scanned={data !== null} />
          ) : (
            <MapOfScan scan={data} />
          )
        }
      </Loaded>
    </Page>
  )
}

const isEmptied = (problem: Error): boolean => problem instanceof HostProblem && problem.facts.code === 'SCAN_EMPTY'

function ScanLine({ scan: { nodes, links, issues, scannedAt } }: { scan: Scan }): ReactNode {
  return (
    <>
      {nodes.length.toLocaleString()} nodes, {links.length.toLocaleString()} links, {issues.length.toLocaleString()}{' '}
      issues, scanned <Time at={scannedAt} />.
    </>
  )
}

function NothingThere({ scanned }: { scanned: boolean }): ReactNode {
  return (
    <div className="empty">
      <h2>{scanned ? 'There is nothing on the map' : 'Nothing was scanned yet'}</h2>
      <p>
        A scan reads the Markdown of the workspace: its agents, commands, skills and notes, and the links between them.
      </p>
    </div>
  )
}

function MapOfScan({ scan }: { scan: Scan }): ReactNode {
  const { node: selected } = route.useSearch()
  const navigate = route.useNavigate()
  const facts = useMemo(() => factsByPath(scan), [scan])
  const kinds = useMemo(() => kindsOf(scan.nodes), [scan])
  const colors = useMemo(() => new Map(kinds.map(({ kind, color }) => [kind, color])), [kinds])
  const list = useMemo(() => [...facts.values()].sort((a, b) => (a.node.path < b.node.path ? -1 : 1)), [facts])
  const select = (path: string | undefined): void =>
    void navigate({ search: path === undefined ? {} : { node: path }, replace: true, resetScroll: false })
  const chosen = selected === undefined ? undefined : facts.get(selected)
  return (
    <div className="map">
      <NodeList facts={list} colors={colors} selected={selected} onSelect={select} />
      <div className="map-graph">
        <Graph scan={scan} selected={selected} onSelect={select} />
        <Legend kinds={kinds} />
      </div>
      {chosen !== undefined && (
        <NodeDetails key={selected} facts={chosen} color={colors.get(chosen.node.kind)} onSelect={select} />
      )}
    </div>
  )
}

function Legend({ kinds }: { kinds: Kind[] }): ReactNode {
  return (
    <ul className="legend" aria-label="Kinds">
      {kinds.map(({ kind, count, color }) => (
        <li key={kind}>
          <KindDot color={color} /> {kind} <span className="dimmed">{count.toLocaleString()}</span>
        </li>
      ))}
    </ul>
  )
}

type GraphProps = { scan: Scan; selected: string | undefined; onSelect: (path: string | undefined) => void }

function Graph({ scan, selected, onSelect }: GraphProps): ReactNode {
  const [drawable] = useState(hasWebgl)
  const drawing = useQuery({ ...drawingQuery(scan), enabled: drawable, placeholderData: keepPreviousData })
  if (!drawable)
    return (
      <div className="canvas canvas-missing">
        <p>
          This browser has no WebGL, so the map cannot be drawn. The list has every node, with its links and issues.
        </p>
      </div>
    )
  if (drawing.isError) return <ProblemNotice problem={drawing.error} onRetry={() => void drawing.refetch()} />
  if (drawing.isPending) return <Skeleton className="canvas" aria-label="Laying out the map" />
  return (
    <>
      <GraphCanvas key={drawing.data.scannedAt} drawing={drawing.data} selected={selected} onSelect={onSelect} />
      {drawing.data.undrawn > 0 && (
        <p className="undrawn">
          {drawing.data.undrawn.toLocaleString()} links lead to no single node and are not drawn.
        </p>
      )}
    </>
  )
}
