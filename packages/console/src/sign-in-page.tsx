import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { HostProblem } from './api.ts'
import { Mark } from './mark.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { useSignIn } from './session.ts'

export function SignInPage({ refused }: { refused: HostProblem | undefined }): ReactNode {
  const [token, setToken] = useState('')
  const signIn = useSignIn()
  const problem = signIn.error ?? (signIn.isIdle ? refused : undefined)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!signIn.isPending) signIn.mutate(token.trim())
  }
  return (
    <main className="lone">
      <title>Sign in · Tenon</title>
      <div className="lone-brand">
        <Mark />
        Tenon
      </div>
      <h1>Sign in</h1>
      <form onSubmit={submit}>
        <PasswordInput
          label="Administrator token"
          description="Shown once when this host was first started, or kept in the file admin-token of its data folder."
          autoComplete="current-password"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" fullWidth aria-busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      {problem !== undefined && <ProblemNotice problem={problem} />}
    </main>
  )
}
