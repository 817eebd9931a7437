import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'

/** For what covers more than one permission, or what the next version asks for. */
export function GrantForm({ onGrant }: { onGrant: (capability: string) => void }): ReactNode {
  const [capability, setCapability] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onGrant(capability.trim())
  }
  return (
    <form className="filters another" onSubmit={submit} aria-label="Grant another capability">
      <TextInput
        label="Another capability"
        placeholder="net:connect:*.example.org"
        classNames={{ input: 'mono' }}
        required
        withAsterisk={false}
        spellCheck={false}
        value={capability}
        onChange={(event) => setCapability(event.currentTarget.value)}
      />
      <Button type="submit" variant="default">
        Grant …
      </Button>
    </form>
  )
}
