import type { AuditRecord } from '@tenon/contract'
import { Button } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import type { AuditFilters } from './audit.ts'
import { Icon } from './icon.tsx'
import { JsonBlock } from './json-block.tsx'
import { Pill } from './pill.tsx'
import { TableHead } from './table-head.tsx'
import { Time } from './time.tsx'

type TableProps = { entries: AuditRecord[]; onOnly: (only: AuditFilters) => void }

export function AuditTable({ entries, onOnly }: TableProps): ReactNode {
  return (
    <table className="table stacking audit">
      <TableHead columns={['When', 'Actor', 'Action', 'Target', 'Decision', 'Reason']} />
      <tbody>
        {entries.map((entry) => (
          <AuditRow key={`${entry.stream} ${entry.seq}`} entry={entry} onOnly={onOnly} />
        ))}
      </tbody>
    </table>
  )
}

function AuditRow({ entry, onOnly }: { entry: AuditRecord; onOnly: TableProps['onOnly'] }): ReactNode {
  const [open, setOpen] = useState(false)
  const id = useId()
  const { at, actor, action, target, decision, reason } = entry
  return (
    <>
      <tr data-open={open}>
        <td>
          <button
            type="button"
            className="row-opener"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <Icon name="arrow" />
            <Time at={at} />
            <span className="visually-hidden">, details</span>
          </button>
        </td>
        <td data-label="Actor">{actor}</td>
        <td data-label="Action">
          <code>{action}</code>
        </td>
        <td data-label="Target">{target}</td>
        <td data-label="Decision">
          <Pill tone={decision === 'allow' ? 'good' : 'bad'} icon={decision === 'allow' ? 'check' : 'cross'}>
            {decision === 'allow' ? 'allowed' : 'denied'}
          </Pill>
        </td>
        <td data-label="Reason">{reason}</td>
      </tr>
      <tr id={id} hidden={!open} className="row-details">
        <td colSpan={6}>{open && <AuditDetails entry={entry} onOnly={onOnly} />}</td>
      </tr>
    </>
  )
}

function AuditDetails({ entry, onOnly }: { entry: AuditRecord; onOnly: TableProps['onOnly'] }): ReactNode {
  const { actor, action, target, ...others } = entry
  const only = { actor, action, ...(target === '' ? {} : { target }) }
  return (
    <>
      <div className="only">
        <span className="dimmed">Show only</span>
        {Object.entries(only).map(([name, value]) => (
          <Button key={name} variant="default" size="compact-xs" onClick={() => onOnly({ [name]: value })}>
            {name} {value}
          </Button>
        ))}
      </div>
      <JsonBlock label="Whole entry" value={{ actor, action, target, ...others }} />
    </>
  )
}
