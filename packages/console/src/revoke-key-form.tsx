import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'

/** For a key that was stolen before anything that it signed came here. */
export function RevokeKeyForm({ onRevoke }: { onRevoke: (keyId: string) => void }): ReactNode {
  const [keyId, setKeyId] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onRevoke(keyId.trim())
  }
  return (
    <form className="panel fields" onSubmit={submit} aria-label="Revoke a key that is not listed">
      <TextInput
        label="Key id"
        description="Its digest, sha256: and 64 digits."
        classNames={{ input: 'mono' }}
        required
        withAsterisk={false}
        spellCheck={false}
        value={keyId}
        onChange={(event) => setKeyId(event.currentTarget.value)}
      />
      <div className="form-actions">
        <Button type="submit" variant="default">
          Revoke …
        </Button>
      </div>
    </form>
  )
}
