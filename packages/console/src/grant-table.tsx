import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { GrantChange, GrantPlace, Grants } from './grants.ts'
import { TableHead } from './table-head.tsx'

type GrantTableProps = { grants: Grants; onTakeBack: (change: GrantChange) => void }

/** What is granted, word for word: one grant may cover several permissions, or none. */
export function GrantTable({ grants: { workspace = [], host }, onTakeBack }: GrantTableProps): ReactNode {
  const rows = [...rowsOf('workspace', workspace), ...rowsOf('host', host)]
  if (rows.length === 0) return <p className="dimmed">Nothing is granted to it.</p>
  return (
    <table className="table stacking permissions">
      <TableHead columns={['Capability', 'Granted by']} hasActions />
      <tbody>
        {rows.map(({ capability, place }) => (
          <tr key={`${place} ${capability}`}>
            <th scope="row">
              <code>{capability}</code>
            </th>
            <td data-label="Granted by">{NAMES[place]}</td>
            <td className="row-actions">
              <Button
                variant="default"
                size="xs"
                aria-label={`Take ${capability} back from ${NAMES[place]}`}
                onClick={() => onTakeBack({ capability, place, isGiven: false })}
              >
                Take back
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const NAMES: Record<GrantPlace, string> = { workspace: 'the workspace', host: 'this host' }

const rowsOf = (place: GrantPlace, capabilities: string[]) => capabilities.map((capability) => ({ capability, place }))
