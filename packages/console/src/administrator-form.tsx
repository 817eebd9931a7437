import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useAddAdministrator } from './administrators.ts'
import { refusedFields } from './field-problems.ts'
import { RefusalNotice } from './refusal-notice.tsx'

/** Makes an administrator, and shows the token as long as this page stays. */
export function AdministratorForm(): ReactNode {
  const [name, setName] = useState('')
  const add = useAddAdministrator()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!add.isPending) add.mutate(name.trim(), { onSuccess: () => setName('') })
  }
  return (
    <form className="panel fields" noValidate onSubmit={submit} aria-label="Add an administrator">
      <RefusalNotice problem={add.error} fields={['name']} />
      <TextInput
        label="Name"
        description="In small letters, as the audit ledger will name who did what."
        spellCheck={false}
        value={name}
        error={refusedFields(add.error)['name']}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className="form-actions">
        <Button type="submit" aria-busy={add.isPending}>
          Add
        </Button>
      </div>
      <div role="status">
        {add.isSuccess && (
          <>
            <p>The token of {add.data.name}, shown this once:</p>
            <code>{add.data.token}</code>
          </>
        )}
      </div>
    </form>
  )
}
