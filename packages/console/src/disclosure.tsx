import { type ReactNode, useId, useState } from 'react'
import { Icon } from './icon.tsx'

/** A heading that opens what stands below it. */
export function Disclosure({ label, children }: { label: ReactNode; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <div className="disclosure" data-open={open}>
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <Icon name="arrow" />
        <span>{label}</span>
      </button>
      <div id={id} hidden={!open}>
        {open && children}
      </div>
    </div>
  )
}
