import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'

type ReasonDialogProps = { plugin: string; onReason: (reason: string) => void; onClose: () => void }

/** The browser's own modal dialog: it holds the focus, closes on Escape and then gives the focus back. */
export function ReasonDialog({ plugin, onReason, onClose }: ReasonDialogProps): ReactNode {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [reason, setReason] = useState('')
  useEffect(() => ref.current?.showModal(), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    ref.current?.close()
    onReason(reason.trim())
  }
  return (
    <dialog ref={ref} aria-labelledby={titleId} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={titleId}>Disable {plugin}?</h2>
        <p className="dimmed">Its calls are refused until it is enabled again.</p>
        <TextInput
          label="Reason"
          description="Kept in the audit ledger."
          required
          withAsterisk={false}
          pattern=".*\S.*"
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="dialog-actions">
          <Button variant="default" onClick={() => ref.current?.close()}>
            Cancel
          </Button>
          <Button type="submit">Disable plugin</Button>
        </div>
      </form>
    </dialog>
  )
}
