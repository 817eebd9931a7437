import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { AdministratorForm } from './administrator-form.tsx'
import { administratorsQuery, useRemoveAdministrator } from './administrators.ts'
import { Dialog } from './dialog.tsx'
import { Loaded } from './loaded.tsx'
import { Page } from './page.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { TableHead } from './table-head.tsx'

export function AdministratorsPage(): ReactNode {
  const administrators = useQuery(administratorsQuery)
  const [leaving, setLeaving] = useState<string>()
  const remove = useRemoveAdministrator()
  return (
    <Page
      title="Administrators"
      about="Who administers this host. Where there are two, what one asks to override the other approves."
    >
      {remove.isError && <ProblemNotice problem={remove.error} onDismiss={() => remove.reset()} />}
      <Loaded query={administrators} what="the administrators">
        {(names) => <AdministratorTable names={names} onRemove={setLeaving} />}
      </Loaded>
      <section aria-labelledby="add">
        <h2 id="add">Add an administrator</h2>
        <AdministratorForm />
      </section>
      {leaving !== undefined && (
        <Dialog
          title={`Take ${leaving} out?`}
          about="The token and every session of this administrator open nothing any more."
          verb="Take out"
          onSubmit={() => remove.mutate(leaving)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Page>
  )
}

function AdministratorTable({ names, onRemove }: { names: string[]; onRemove: (name: string) => void }): ReactNode {
  return (
    <table className="table">
      <TableHead columns={['Name']} hasActions />
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="row-actions">
              <Button variant="default" size="xs" aria-label={`Take ${name} out`} onClick={() => onRemove(name)}>
                Take out
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
