import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { useRestore } from './storage.ts'

export function RestoreForm(): ReactNode {
  const [file, setFile] = useState<File>()
  const [asking, setAsking] = useState(false)
  const restore = useRestore()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!restore.isPending) setAsking(true)
  }
  return (
    <>
      <form onSubmit={submit} aria-label="Restore">
        {restore.isError && <ProblemNotice problem={restore.error} />}
        <div className="form-actions">
          <input
            type="file"
            aria-label="Backup"
            required
            onChange={(event) => setFile(event.currentTarget.files?.[0])}
          />
          <Button type="submit" variant="default" aria-busy={restore.isPending}>
            Restore …
          </Button>
          <span className="dimmed" role="status">
            {restore.isPending && 'At work …'}
            {restore.isSuccess && 'What plugins keep is as the backup has it.'}
          </span>
        </div>
      </form>
      {asking && file !== undefined && (
        <Dialog
          title={`Restore ${file.name}?`}
          about="It takes the place of everything that plugins keep now, which is gone then."
          verb="Restore"
          isFinal
          onSubmit={() => restore.mutate(file)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
