import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Pill } from './pill.tsx'
import { TableHead } from './table-head.tsx'
import type { TrustedKey } from './trust.ts'

type KeyTableProps = { keys: TrustedKey[]; onRevoke: (keyId: string) => void }

export function KeyTable({ keys, onRevoke }: KeyTableProps): ReactNode {
  if (keys.length === 0) return <NoKeys />
  return (
    <table className="table stacking digests">
      <TableHead columns={['Key', 'May sign for', 'On the word of', 'State']} hasActions />
      <tbody>
        {keys.map((key) => (
          <KeyRow key={`${key.publisher} ${key.keyId}`} trusted={key} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  )
}

function NoKeys(): ReactNode {
  return (
    <div className="empty">
      <h3>No key is trusted yet</h3>
      <p>The first installation of a plugin brings the keys of its publisher, or you trust one below.</p>
    </div>
  )
}

function KeyRow({ trusted, onRevoke }: { trusted: TrustedKey } & Pick<KeyTableProps, 'onRevoke'>): ReactNode {
  const { keyId, publisher, source, revoked } = trusted
  return (
    <tr>
      <th scope="row">
        <code>{keyId}</code>
      </th>
      <td data-label="May sign for">{publisher}</td>
      <td data-label="On the word of">{source}</td>
      <td data-label="State">
        <Pill tone={revoked ? 'bad' : 'good'} icon={revoked ? 'cross' : 'check'}>
          {revoked ? 'revoked' : 'trusted'}
        </Pill>
      </td>
      <td className="row-actions">
        {!revoked && (
          <Button
            variant="default"
            size="xs"
            aria-label={`Revoke ${keyId} of ${publisher}`}
            onClick={() => onRevoke(keyId)}
          >
            Revoke
          </Button>
        )}
      </td>
    </tr>
  )
}
