import { readKeySet, type HostKey } from './bearer.ts'
import type { Membership } from './membership.ts'
import type { Profile } from './profiles.ts'

/** The host, as far as this plugin speaks with it. Everything but `keys` needs the token that registering gave. */
export type Host = {
  /** Registers, or shows that the token of an earlier time still holds: registering again would await approval again. */
  join(): Promise<void>
  heartbeat(): Promise<void>
  mintId(): Promise<string>
  announce(profile: Profile): Promise<void>
  /** The keys with which it signs; fetched once. */
  keys(): Promise<HostKey[]>
}

/** The host could not be reached or did not do what it was asked. */
export class HostFailure extends Error {
  /** Its answer, or 0 when there was none. */
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

const ANSWER_MS = 10_000

export type HostSettings = {
  url: string
  enrolmentSecret: string | undefined
  manifest: { id: string }
  membership: Membership
}

export function hostAt({ url, enrolmentSecret, manifest, membership }: HostSettings): Host {
  let keys: Promise<HostKey[]> | undefined

  const bearer = (): Record<string, string> => {
    const token = membership.token()
    return token === '' ? {} : { authorization: `Bearer ${token}` }
  }

  const register = async (): Promise<void> => {
    const enrolment: Record<string, string> =
      enrolmentSecret === undefined ? {} : { 'x-tenon-enrolment': enrolmentSecret }
    const { token } = await ask(url, '/plugins/register', { headers: { ...enrolment, ...bearer() }, body: manifest })
    if (typeof token !== 'string') throw new HostFailure(200, 'the host registered us without a token')
    membership.keep(token, manifest)
    keys = undefined
  }

  /** A host that does not know the token any more may give a new one. */
  const asked = async (path: string, body: object): Promise<Answer> => {
    const once = () => ask(url, path, { headers: bearer(), body })
    try {
      return await once()
    } catch (thrown) {
      if (!(thrown instanceof HostFailure) || thrown.status !== 401) throw thrown
      await register()
      return once()
    }
  }

  /** What could not be fetched is not remembered. */
  const fetchKeys = (): Promise<HostKey[]> =>
    ask(url, '/.well-known/jwks.json', {}).then(readKeySet, (failure: unknown) => {
      keys = undefined
      throw failure
    })

  const heartbeat = async (): Promise<void> => {
    await asked(`/plugins/${manifest.id}/heartbeat`, { health: 'healthy' })
  }

  return {
    join: () => (membership.isFor(manifest) ? heartbeat() : register()),
    heartbeat,
    mintId: async () => firstId(await asked('/gateway/id-mint/mint', { kind: 'ulid' })),
    announce: async ({ id, username, department }) => {
      const payload = { id, username, ...(department === undefined ? {} : { department }) }
      await asked('/messaging/events', { event_type: 'UserCreated', payload, data_traits: ['pii'] })
    },
    keys: () => (keys ??= fetchKeys()),
  }
}

type Answer = Record<string, unknown>

function firstId({ ids }: Answer): string {
  const id: unknown = Array.isArray(ids) ? ids[0] : undefined
  if (typeof id !== 'string' || !/^[0-9A-Za-z_-]{1,64}$/.test(id))
    throw new HostFailure(200, 'id-mint answered without an id')
  return id
}

type Request = { headers?: Record<string, string>; body?: object }

/** Posts the body, or gets when there is none. */
async function ask(url: string, path: string, { headers = {}, body }: Request): Promise<Answer> {
  const { ok, status, text } = await exchange(`${url}${path}`, {
    headers: { accept: 'application/json', ...headers, ...(body === undefined ? {} : JSON_BODY) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new HostFailure(0, `the host does not answer ${path}`, { cause })
  })
  if (!ok) throw new HostFailure(status, `the host answered ${path} with ${status}${why(text)}`)
  return jsonObject(text)
}

async function exchange(url: string, request: RequestInit): Promise<{ ok: boolean; status: number; text: string }> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' })
  return { ok: response.ok, status: response.status, text: await response.text() }
}

const JSON_BODY = { 'content-type': 'application/json' }

/** What the host's problem says, where it sent one. */
function why(text: string): string {
  const { code, detail } = jsonObject(text)
  const said = [code, detail].filter((part) => typeof part === 'string')
  return said.length === 0 ? '' : `: ${said.join(' ')}`
}

function jsonObject(text: string): Answer {
  try {
    return Object(JSON.parse(text)) as Answer
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}
