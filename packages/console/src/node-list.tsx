import { TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { PathText } from './path-text.tsx'
import type { NodeFacts } from './scan-links.ts'

const ROWS_MAX = 500

type ListProps = {
  facts: NodeFacts[]
  colors: Map<string, string>
  selected: string | undefined
  onSelect: (path: string | undefined) => void
}

/** Every node as text: the map for a keyboard and a screen reader. */
export function NodeList({ facts, colors, selected, onSelect }: ListProps): ReactNode {
  const [filter, setFilter] = useState('')
  const matching = useMemo(() => matchingFacts(facts, filter), [facts, filter])
  const rows = matching.slice(0, ROWS_MAX)
  return (
    <div className="node-list">
      <TextInput
        label="Find a node"
        placeholder="path or kind"
        type="search"
        spellCheck={false}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <p className="dimmed" role="status">
        {matching.length === facts.length
          ? `${facts.length.toLocaleString()} nodes`
          : `${matching.length.toLocaleString()} of ${facts.length.toLocaleString()} nodes`}
        {matching.length > ROWS_MAX && `, the first ${ROWS_MAX} are listed`}
      </p>
      <NodeOptions facts={rows} colors={colors} selected={selected} onSelect={onSelect} />
    </div>
  )
}

function matchingFacts(facts: NodeFacts[], filter: string): NodeFacts[] {
  const wanted = filter.trim().toLowerCase()
  return facts.filter(({ node }) => node.kind === wanted || node.path.toLowerCase().includes(wanted))
}

/** One tab stop; arrows move the choice, Escape gives it up. */
function NodeOptions({ facts, colors, selected, onSelect }: ListProps): ReactNode {
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const at = facts.findIndex(({ node }) => node.path === selected)
  useEffect(() => {
    const option = list.current?.children[at]
    if (list.current !== null && option instanceof HTMLElement) showWithin(list.current, option)
  }, [at])
  const move = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: facts.length - 1 }
    const next = steps[event.key]
    if (next === undefined && event.key !== 'Escape') return
    event.preventDefault()
    if (next === undefined) onSelect(undefined)
    else onSelect(facts[Math.min(Math.max(next, 0), facts.length - 1)]?.node.path)
  }
  return (
    <ul
      ref={list}
      role="listbox"
      aria-label="Nodes"
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : `${id}${at}`}
      onKeyDown={move}
    >
      {facts.map(({ node: { path, kind }, issues }, index) => (
        <li key={path} id={`${id}${index}`} role="option" aria-selected={index === at} onClick={() => onSelect(path)}>
          <KindDot color={colors.get(kind)} />
          <span className="node-path">
            <PathText path={path} />
          </span>
          <span className="under">
            {kind}
            {issues.length > 0 && `, ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Scrolls the list alone; `scrollIntoView` would move the page as well. */
function showWithin(list: HTMLElement, option: HTMLElement): void {
  const [top, bottom] = [option.offsetTop, option.offsetTop + option.offsetHeight]
  if (top < list.scrollTop) list.scrollTop = top
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight
}

export function KindDot({ color }: { color: string | undefined }): ReactNode {
  return (
    <svg className="kind-dot" viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="5" fill={color} />
    </svg>
  )
}
