import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Pill } from './pill.tsx'
import type { Permission } from './plugins.ts'
import { TableHead } from './table-head.tsx'

type TableProps = { permissions: Permission[]; onGrant: (capability: string) => void }

/** What the plugin asks for, what of it is granted, and what it has used. */
export function PermissionTable({ permissions, onGrant }: TableProps): ReactNode {
  if (permissions.length === 0) return <p className="dimmed">It asks for none.</p>
  const granted = permissions.filter((permission) => permission.granted || permission.perRun).length
  const used = permissions.filter((permission) => permission.used !== undefined && permission.used > 0).length
  return (
    <>
      <p className="dimmed">
        Asks for {permissions.length}, is granted {granted}, has used {used}.
      </p>
      <table className="table stacking permissions">
        <TableHead columns={['Asks for', 'Because', 'Granted', 'Used']} hasActions />
        <tbody>
          {permissions.map((permission) => (
            <PermissionRow key={permission.capability} permission={permission} onGrant={onGrant} />
          ))}
        </tbody>
      </table>
    </>
  )
}

type RowProps = { permission: Permission } & Pick<TableProps, 'onGrant'>

function PermissionRow({ permission, onGrant }: RowProps): ReactNode {
  const { capability, reason, granted, perRun } = permission
  return (
    <tr>
      <th scope="row">
        <code>{capability}</code>
      </th>
      <td data-label="Because">{reason}</td>
      <td data-label="Granted">
        <Grant permission={permission} />
      </td>
      <td data-label="Used" className="number">
        <Use permission={permission} />
      </td>
      <td className="row-actions">
        {!granted && !perRun && (
          <Button variant="default" size="xs" aria-label={`Grant ${capability}`} onClick={() => onGrant(capability)}>
            Grant
          </Button>
        )}
      </td>
    </tr>
  )
}

function Grant({ permission: { granted, perRun } }: { permission: Permission }): ReactNode {
  if (granted || perRun)
    return (
      <Pill tone="good" icon="check">
        {perRun ? 'by each run' : 'granted'}
      </Pill>
    )
  return (
    <Pill tone="quiet" icon="dash">
      not granted
    </Pill>
  )
}

function Use({ permission: { used } }: { permission: Permission }): ReactNode {
  if (used === undefined) return <span className="dimmed">not counted</span>
  return used === 0 ? <span className="dimmed">never</span> : `${used.toLocaleString()}×`
}
