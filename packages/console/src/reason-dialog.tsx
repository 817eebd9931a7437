import { TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Dialog, type DialogProps } from './dialog.tsx'

type ReasonDialogProps = Omit<DialogProps, 'onSubmit' | 'children'> & { onReason: (reason: string) => void }

/** Asks why something is to be done before it is. */
export function ReasonDialog({ onReason, ...dialog }: ReasonDialogProps): ReactNode {
  const [reason, setReason] = useState('')
  return (
    <Dialog {...dialog} onSubmit={() => onReason(reason.trim())}>
      <TextInput
        label="Reason"
        description="Kept in the audit ledger."
        required
        withAsterisk={false}
        pattern=".*\S.*"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Dialog>
  )
}
