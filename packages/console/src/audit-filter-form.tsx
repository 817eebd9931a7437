import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { type AuditFilters, readAuditSearch } from './audit.ts'

type FilterProps = { filters: AuditFilters; onFilter: (filters: AuditFilters) => void }

export function AuditFilterForm({ filters, onFilter }: FilterProps): ReactNode {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    onFilter(readAuditSearch(Object.fromEntries(new FormData(event.currentTarget))))
  }
  return (
    <form className="filters" role="search" aria-label="Filter the audit" onSubmit={submit}>
      <TextInput label="Actor" name="actor" defaultValue={filters.actor} spellCheck={false} />
      <TextInput label="Action" name="action" defaultValue={filters.action} spellCheck={false} />
      <TextInput label="Target" name="target" defaultValue={filters.target} spellCheck={false} />
      <NativeSelect
        label="Decision"
        name="decision"
        defaultValue={filters.decision ?? ''}
        data={[
          { value: '', label: 'Any' },
          { value: 'allow', label: 'Allowed' },
          { value: 'deny', label: 'Denied' },
        ]}
        onChange={(event) => event.currentTarget.form?.requestSubmit()}
      />
      <Button type="submit">Filter</Button>
      {Object.keys(filters).length > 0 && (
        <Button variant="default" onClick={() => onFilter({})}>
          Clear
        </Button>
      )}
    </form>
  )
}
