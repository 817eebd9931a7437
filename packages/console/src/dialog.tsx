import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'

export type DialogProps = {
  title: string
  about?: ReactNode
  /** What pressing its button does. */
  verb: string
  /** What nobody can take back is done once that was agreed to. */
  isFinal?: boolean
  onSubmit: () => void
  onClose: () => void
  children?: ReactNode
}

/** The browser's own modal dialog: it holds the focus, closes on Escape and then gives the focus back. */
export function Dialog({ title, about, verb, isFinal = false, onSubmit, onClose, children }: DialogProps): ReactNode {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => ref.current?.showModal(), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    ref.current?.close()
    onSubmit()
  }
  return (
    <dialog ref={ref} aria-labelledby={titleId} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={titleId}>{title}</h2>
        {about !== undefined && <p className="dimmed">{about}</p>}
        {children}
        {isFinal && (
          <label className="choice">
            <input type="checkbox" required />I know that nobody can take this back.
          </label>
        )}
        <div className="dialog-actions">
          <Button variant="default" onClick={() => ref.current?.close()}>
            Cancel
          </Button>
          <Button type="submit">{verb}</Button>
        </div>
      </form>
    </dialog>
  )
}
