import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { IconName } from './icon.tsx'
import { KindDot } from './node-list.tsx'
import { PathText } from './path-text.tsx'
import { Pill, type Tone } from './pill.tsx'
import type { Connection, NodeFacts } from './scan-links.ts'
import type { ScanIssue } from './scan.ts'

type DetailsProps = {
  facts: NodeFacts
  color: string | undefined
  onSelect: (path: string | undefined) => void
}

export function NodeDetails({ facts: { node, out, in: into, issues }, color, onSelect }: DetailsProps): ReactNode {
  return (
    <section className="node-details" aria-label={`Node ${node.path}`}>
      <div className="node-details-head">
        <h2>
          <PathText path={node.path} />
        </h2>
        <Button variant="default" size="compact-xs" onClick={() => onSelect(undefined)}>
          Close
        </Button>
      </div>
      <p>
        <KindDot color={color} /> {node.kind} <span className="dimmed">found by {node.provider}</span>
      </p>
      {issues.length > 0 && <Issues issues={issues} />}
      <Connections
        title={`Links out (${out.length})`}
        ends={out.map((one) => ({ ...one, path: one.to, text: one.link.target }))}
        onSelect={onSelect}
      />
      <Connections
        title={`Links in (${into.length})`}
        ends={into.map((one) => ({ ...one, path: one.link.source, text: one.link.source }))}
        onSelect={onSelect}
      />
    </section>
  )
}

type End = Connection & { path: string | undefined; text: string }
type ConnectionsProps = { title: string; ends: End[]; onSelect: DetailsProps['onSelect'] }

function Connections({ title, ends, onSelect }: ConnectionsProps): ReactNode {
  return (
    <>
      <h3>{title}</h3>
      {ends.length === 0 && <p className="dimmed">none</p>}
      <ul className="links">
        {ends.map(({ link, path, text }, index) => (
          <li key={index}>
            <span className="dimmed">{link.kind}</span>{' '}
            {path === undefined ? (
              <span>
                {text} <span className="dimmed">(not one node)</span>
              </span>
            ) : (
              <button type="button" className="link" onClick={() => onSelect(path)}>
                <PathText path={text} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

const SEVERITY: Record<ScanIssue['severity'], { tone: Tone; icon: IconName; word: string }> = {
  error: { tone: 'bad', icon: 'cross', word: 'error' },
  warn: { tone: 'warn', icon: 'warning', word: 'warning' },
  info: { tone: 'quiet', icon: 'dash', word: 'note' },
}

function Issues({ issues }: { issues: ScanIssue[] }): ReactNode {
  return (
    <>
      <h3>Issues ({issues.length})</h3>
      <ul className="issues">
        {issues.map(({ severity, ruleId, message }, index) => {
          const { word, ...look } = SEVERITY[severity]
          return (
            <li key={index}>
              <Pill {...look}>{word}</Pill> {message} <code>{ruleId}</code>
            </li>
          )
        })}
      </ul>
    </>
  )
}
