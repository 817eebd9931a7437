import { assert, limits, TenonError } from '@tenon/contract'
import { checkedKey } from './checked-key.ts'
import type { Envelope } from './envelope.ts'
import type { Rows } from './plugin-rows.ts'

/** The secrets of one plugin, sealed on disk. */
export type Secrets = {
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
  /** Whether there was one of this name. */
  delete(name: string): Promise<boolean>
  list(): Promise<string[]>
}

export function secretsOf(rows: Rows, plugin: string, envelope: Envelope): Secrets {
  return {
    async get(name) {
      const sealed = await rows.get(checkedKey(name))
      if (sealed === undefined) return undefined
      assert(typeof sealed === 'string', 'a sealed secret is text')
      return envelope.open(name, sealed)
    },
    async set(name, value) {
      const text = checkedSecret(checkedKey(name), value)
      await envelope.ready()
      await rows.change(async (draft) => {
        await draft.set(name, await envelope.seal(draft.stored, name, text))
        refuseOverrun(plugin, draft.bytes())
      })
    },
    delete: async (name) => rows.change((draft) => draft.delete(checkedKey(name))),
    list: async () => rows.keys({}),
  }
}

function checkedSecret(name: string, value: string): string {
  if (Buffer.byteLength(value) <= limits.secretBytes) return value
  throw new TenonError('STORAGE_VALUE_INVALID', `the secret ${JSON.stringify(name)} is too large`, {
    hint: `A secret has at most ${limits.secretBytes} bytes.`,
  })
}

function refuseOverrun(plugin: string, bytes: number): void {
  if (bytes <= limits.secretsQuotaBytes) return
  throw new TenonError(
    'QUOTA_EXCEEDED',
    `${plugin} would store ${bytes} bytes of secrets; the quota is ${limits.secretsQuotaBytes}`,
    { hint: 'Delete secrets that are not used.', details: { plugin, wantedBytes: bytes } },
  )
}
