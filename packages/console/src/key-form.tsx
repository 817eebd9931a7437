import { Button, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { refusedFields } from './field-problems.ts'
import { RefusalNotice } from './refusal-notice.tsx'
import { useTrustKey } from './trust.ts'

const EMPTY = { publisher: '', publicKey: '' }

/** Lets a public key sign for a publisher, by the word of whoever is signed in. */
export function KeyForm(): ReactNode {
  const [key, setKey] = useState(EMPTY)
  const trust = useTrustKey()
  const at = refusedFields(trust.error)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!trust.isPending) trust.mutate(key, { onSuccess: () => setKey(EMPTY) })
  }
  return (
    <form className="panel fields" noValidate onSubmit={submit} aria-label="Trust a key">
      <RefusalNotice problem={trust.error} fields={Object.keys(EMPTY)} />
      <TextInput
        label="Publisher"
        description="For whom it may sign."
        spellCheck={false}
        value={key.publisher}
        error={at['publisher']}
        onChange={(event) => setKey({ ...key, publisher: event.currentTarget.value })}
      />
      <Textarea
        label="Public key"
        description="As PEM, the whole text of the file."
        classNames={{ input: 'mono' }}
        rows={4}
        spellCheck={false}
        value={key.publicKey}
        error={at['publicKey']}
        onChange={(event) => setKey({ ...key, publicKey: event.currentTarget.value })}
      />
      <div className="form-actions">
        <Button type="submit" aria-busy={trust.isPending}>
          Trust
        </Button>
        <span className="dimmed" role="status">
          {trust.isSuccess && `${trust.data.keyId} may sign for ${trust.data.publisher}.`}
        </span>
      </div>
    </form>
  )
}
