import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { IconName } from './icon.tsx'
import type { Override, OverrideState, OverrideStep } from './overrides.ts'
import { Pill, type Tone } from './pill.tsx'
import { shortDigest } from './short-digest.ts'
import { TableHead } from './table-head.tsx'
import { Time } from './time.tsx'

type TableProps = { overrides: Override[]; onStep: (step: OverrideStep) => void }

export function OverrideTable({ overrides, onStep }: TableProps): ReactNode {
  return (
    <table className="table stacking overrides">
      <TableHead columns={['Plugin and finding', 'State', 'Why', 'Asked for', 'Decided']} hasActions />
      <tbody>
        {overrides.map((override) => (
          <OverrideRow key={override.id} override={override} onStep={onStep} />
        ))}
      </tbody>
    </table>
  )
}

const STATES: Record<OverrideState, { tone: Tone; icon: IconName }> = {
  requested: { tone: 'quiet', icon: 'question' },
  approved: { tone: 'warn', icon: 'warning' },
  revoked: { tone: 'quiet', icon: 'cross' },
  expired: { tone: 'quiet', icon: 'dash' },
}

function OverrideRow({ override, onStep }: { override: Override } & Pick<TableProps, 'onStep'>): ReactNode {
  const { id, state, plugin, finding, digest, why, requestedBy, requestedAt, expiresAt } = override
  return (
    <tr data-override={id}>
      <th scope="row">
        <Link to="/plugins/$id" params={{ id: plugin }}>
          {plugin}
        </Link>
        <div className="under">
          <code>{finding}</code>
        </div>
        <div className="under" title={digest}>
          bundle <code>{shortDigest(digest)}</code>
        </div>
      </th>
      <td data-label="State">
        <Pill {...STATES[state]}>{state}</Pill>
        <div className="under">
          until <Time at={expiresAt} />
        </div>
      </td>
      <td data-label="Why">{why}</td>
      <td data-label="Asked for">
        <ByAt by={requestedBy} at={requestedAt} />
      </td>
      <td data-label="Decided">
        <Decisions override={override} />
      </td>
      <td className="row-actions">
        <Steps override={override} onStep={onStep} />
      </td>
    </tr>
  )
}

const ByAt = ({ by, at }: { by: string; at: string }): ReactNode => (
  <div>
    {by}
    <div className="under">
      <Time at={at} />
    </div>
  </div>
)

function Decisions({ override }: { override: Override }): ReactNode {
  const { approvedBy, approvedAt, revokedBy, revokedAt } = override
  if (approvedBy === undefined && revokedBy === undefined) return <span className="dimmed">not yet</span>
  return (
    <div className="decisions">
      {approvedBy !== undefined && approvedAt !== undefined && (
        <ByAt by={`approved by ${approvedBy}`} at={approvedAt} />
      )}
      {revokedBy !== undefined && revokedAt !== undefined && <ByAt by={`revoked by ${revokedBy}`} at={revokedAt} />}
    </div>
  )
}

/** Whether whoever is signed in may approve it, the host says. */
const STEPS: Record<OverrideState, OverrideStep['step'][]> = {
  requested: ['approve', 'revoke'],
  approved: ['revoke'],
  revoked: [],
  expired: [],
}

const VERBS: Record<OverrideStep['step'], string> = { approve: 'Approve', revoke: 'Revoke' }

function Steps({ override, onStep }: { override: Override } & Pick<TableProps, 'onStep'>): ReactNode {
  const { id, state, plugin, finding } = override
  return (
    <div className="buttons">
      {STEPS[state].map((step) => (
        <Button
          key={step}
          variant="default"
          size="xs"
          aria-label={`${VERBS[step]} ${finding} of ${plugin}, ${id}`}
          onClick={() => onStep({ override, step })}
        >
          {VERBS[step]}
        </Button>
      ))}
    </div>
  )
}
