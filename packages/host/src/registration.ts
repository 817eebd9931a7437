import { createHash, timingSafeEqual } from 'node:crypto'
import { canonicalJson, TenonError, type Audit, type Description, type Json, type World } from '@tenon/contract'
import { dialects } from '@tenon/contract/schema'
import { recordingRefusal, type Attempt } from './audited.ts'
import type { PluginTable } from './plugin-table.ts'
import type { Installations, PluginRecord, PluginStatus } from './records.ts'
import type { Tokens } from './tokens.ts'

export type RegistrationRequest = {
  manifest: Json
  fromLoopback: boolean
  /** What the caller shows besides the manifest. */
  enrolmentSecret: string | undefined
  pluginToken: string | undefined
  traceId: string
}

export type Registered = { status: 'registered'; plugin_id: string; token: string }

export type RegistrationPorts = {
  world: World
  table: PluginTable
  installations: Installations
  tokens: Tokens
  audit: Audit
  left: (id: string) => Promise<void>
  /** Undefined when none is set: then only loopback may register. */
  enrolmentSecret: string | undefined
}

/** Takes a plugin into the register. It may then heartbeat; everything else comes with `enable`. */
export async function registerPlugin(ports: RegistrationPorts, request: RegistrationRequest): Promise<Registered> {
  const target = claimedId(request.manifest)
  const entry = { action: 'plugin.register', target, traceId: request.traceId }
  // Who is refused has not shown that it is the plugin it claims to be.
  const stranger = (): Attempt => ({ ...entry, actor: 'unknown' })
  return recordingRefusal(ports.audit, stranger, async () => {
    refuseStranger(ports, request)
    const description = describe(ports, request.manifest)
    const known = ports.table.get(description.id)
    if (known !== undefined) await refuseTaken(ports, known, request.pluginToken)
    const { token, tokenId } = await ports.tokens.forPlugin(description.id, description.traits ?? [])
    const reason = known === undefined ? 'registered' : 'registered again'
    await ports.audit.record({ ...entry, actor: `plugin:${target}`, decision: 'allow', reason })
    const record = recordOf(description, tokenId, known, ports.world)
    ports.table.put(record)
    if (known?.status === 'active' && record.status !== 'active') await ports.left(record.id)
    return { status: 'registered', plugin_id: description.id, token }
  })
}

const claimedId = (manifest: Json): string => {
  const id = manifest !== null && typeof manifest === 'object' && !Array.isArray(manifest) ? manifest['id'] : undefined
  return typeof id === 'string' && /^[a-z0-9_-]{1,128}$/.test(id) ? id : 'unknown'
}

function refuseStranger({ enrolmentSecret }: RegistrationPorts, request: RegistrationRequest): void {
  if (request.enrolmentSecret !== undefined) {
    if (enrolmentSecret !== undefined && isSame(request.enrolmentSecret, enrolmentSecret)) return
    throw new TenonError('TOKEN_INVALID', 'the enrolment secret is wrong')
  }
  if (request.fromLoopback) return
  throw new TenonError('TOKEN_INVALID', 'registering from elsewhere needs the enrolment secret', {
    hint: 'Send it in the header x-tenon-enrolment.',
  })
}

const isSame = (left: string, right: string): boolean =>
  timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest())

/** What the workspace has installed under this id tells more than the registration body: operations, schemas, permissions. */
function describe({ installations }: RegistrationPorts, manifest: Json): Description {
  const { description, problems } = dialects.host.read(manifest)
  if (description === undefined) {
    const detail = problems.map(({ message }) => message).join('; ')
    throw new TenonError('DIALECT_INVALID', detail, { problems })
  }
  const installed = installations.get(description.id)?.description
  if (installed === undefined) return description
  if (installed.runtime.kind !== 'remote')
    throw new TenonError('PLUGIN_EXISTS', `"${description.id}" is installed and runs inside this host`)
  return { ...installed, original: manifest }
}

async function refuseTaken(
  { tokens }: RegistrationPorts,
  known: PluginRecord,
  token: string | undefined,
): Promise<void> {
  const claims = token === undefined ? undefined : await tokens.readPlugin(token)
  if (claims?.id === known.id && claims.tokenId === known.tokenId) return
  // Without a token it is somebody else, or the same plugin after it lost its token: an administrator decides.
  throw new TenonError('PLUGIN_EXISTS', `"${known.id}" is registered already`, {
    hint: 'Register again with its own token, or have an administrator remove it first.',
  })
}

const recordOf = (
  description: Description,
  tokenId: string,
  known: PluginRecord | undefined,
  world: World,
): PluginRecord => ({
  id: description.id,
  description,
  origin: 'registered',
  status: statusOf(description, known),
  registeredAt: new Date(world.now()).toISOString(),
  tokenId,
  address: known?.address,
  statusReason: known?.statusReason,
})

/** What was enabled is a manifest: a restart with the same one stays active, another one waits to be enabled. */
function statusOf(description: Description, known: PluginRecord | undefined): PluginStatus {
  if (known?.status !== 'active') return known?.status ?? 'registered'
  return canonicalJson(known.description) === canonicalJson(description) ? 'active' : 'registered'
}
