import { Button, Textarea } from '@mantine/core'
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from 'react'
import { JsonBlock } from './json-block.tsx'
import { type Operation, useCall } from './plugins.ts'
import { ProblemNotice } from './problem-notice.tsx'

/** Calls an operation as the host's gateway would for anyone: checked, limited and audited. */
export function OperationForm({ plugin, operation }: { plugin: string; operation: Operation }): ReactNode {
  const [text, setText] = useState('{}')
  const [fault, setFault] = useState<string>()
  const call = useCall(plugin, operation.name)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (call.isPending) return
    const input = operation.input ? readJson(text) : { value: null }
    setFault('fault' in input ? input.fault : undefined)
    if ('value' in input) call.mutate(input.value)
  }
  const submitByKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit()
  }
  return (
    <form className="operation" onSubmit={submit}>
      {operation.input ? (
        <Textarea
          label={`Input of ${operation.name}, as JSON`}
          classNames={{ input: 'mono' }}
          rows={5}
          spellCheck={false}
          value={text}
          error={fault}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={submitByKey}
        />
      ) : (
        <p className="dimmed">Takes no input.</p>
      )}
      <div className="operation-actions">
        <Button type="submit" size="xs" aria-busy={call.isPending} aria-label={`Call ${operation.name}`}>
          {call.isPending ? 'Calling …' : 'Call'}
        </Button>
        <span className="dimmed" role="status">
          {call.isSuccess && `Answered in ${call.data.tookMs} ms.`}
        </span>
      </div>
      {call.isError && <ProblemNotice problem={call.error} />}
      {call.isSuccess && <JsonBlock label={`Answer of ${operation.name}`} value={call.data.value} />}
    </form>
  )
}

function readJson(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { fault: `This is not JSON: ${thrown.message}` }
    throw thrown
  }
}
