import { InputDescription, InputError } from '@mantine/core'
import { type ReactNode, useId } from 'react'

export type FieldGroupProps = {
  label: string
  description: string | undefined
  disabled: boolean
  error: string | undefined
}

/** Several inputs that are one field, with the label, description and error that a single one has. */
export function FieldGroup({
  label,
  description,
  disabled,
  error,
  children,
}: FieldGroupProps & { children: ReactNode }): ReactNode {
  const id = useId()
  return (
    <fieldset
      className="field-group"
      disabled={disabled}
      tabIndex={-1}
      aria-describedby={id}
      data-invalid={error === undefined ? undefined : true}
    >
      <legend>{label}</legend>
      <div id={id}>
        {description !== undefined && <InputDescription>{description}</InputDescription>}
        {error !== undefined && <InputError>{error}</InputError>}
      </div>
      {children}
    </fieldset>
  )
}
