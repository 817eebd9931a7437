import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Json, JsonObject } from '@tenon/contract'
import type { TestHost } from './open-test-host.ts'

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string }
export type RemotePlugin = { address: string; received: Received[]; close(): Promise<void> }

/** A remote plugin's own server; what it received is kept. */
export async function remotePlugin(
  answering: (received: Received, answer: ServerResponse) => void = (_received, answer) => void answer.end('{}'),
): Promise<RemotePlugin> {
  const received: Received[] = []
  const server = createServer(async (request, answer) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: Buffer.concat(chunks).toString() }
    received.push(one)
    answering(one, answer)
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((done) => void server.close(done))
  }
  onTestFinished(close)
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, close }
}

export const MANIFEST = {
  id: 'user-management',
  name: 'User Management Plugin',
  version: '1.0.0',
  description: 'Manages user profiles',
  contracts: ['IdentityPlugin'],
  traits: ['handles_pii', 'audit_required'],
  dependencies: [],
  allowed_domains: [],
  endpoints: { health: '/health', user_info: '/api/users/{id}' },
  security: { authentication_required: true, data_classification: ['pii', 'internal'] },
  compliance: { hipaa_controls: ['164.312(a)', '164.312(d)'], audit_level: 'detailed' },
} satisfies JsonObject

/** A manifest of a plugin that holds nothing personal. */
export const plainManifest = (id: string, changes: JsonObject = {}): JsonObject => ({
  id,
  name: id,
  version: '1.0.0',
  contracts: [],
  traits: ['audit_required'],
  security: { authentication_required: true, data_classification: ['internal'] },
  ...changes,
  ...(changes['contracts'] === undefined
    ? { contracts: [`${id.replace(/^./, (first) => first.toUpperCase()).replace(/-/g, '')}Plugin`] }
    : {}),
})

/** Registers and enables a plugin, and says where it answers. */
export async function joined(host: TestHost, manifest: Json, remote?: RemotePlugin): Promise<string> {
  const { id } = manifest as { id: string }
  const token = await host.register(manifest)
  if (remote !== undefined) await host.admin('PUT', `/admin/plugins/${id}/address`, { address: remote.address })
  await host.enable(id)
  return token
}
