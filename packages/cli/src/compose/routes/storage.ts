import Type from 'typebox'
import { limits } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { actorOf, type HostPrincipal } from '@tenon/host'
import { bytes, routesFor, type Route } from '@tenon/http'
import type { StorageCare } from '../storage-care.ts'

const route = routesFor<HostPrincipal>()
const text = Type.String()
const SQLITE = 'application/vnd.sqlite3'

/** The care of what plugins keep, over HTTP. A backup comes and goes as bytes, so it may lie anywhere. */
export const storageRoutes = (care: StorageCare): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/admin/storage/check',
    summary: 'Reads every row that plugins keep and names those that are damaged',
    admits: ['admin'],
    answers: { 200: closed({ damaged: Type.Array(closed({ plugin: text, space: text, key: text })) }) },
  }).handle(async () => ({ status: 200, body: { damaged: await care.damaged() } })),
  route({
    method: 'GET',
    path: '/admin/storage/backup',
    summary: 'Everything that plugins keep, as it is at one moment, secrets sealed',
    admits: ['admin'],
    answers: { 200: bytes(SQLITE) },
  }).handle(async ({ principal, traceId }) => {
    const { bytes: body, size } = await care.backup({ actor: actorOf(principal), traceId })
    const headers = { 'content-length': size, 'content-disposition': 'attachment; filename="tenon-storage.db"' }
    return { status: 200, headers, body }
  }),
  route({
    method: 'POST',
    path: '/admin/storage/restore',
    summary: 'Puts what a backup holds in the place of everything that plugins keep',
    admits: ['admin'],
    body: bytes(SQLITE, limits.storageBackupBytes),
    answers: { 200: closed({ status: Type.Literal('restored') }) },
  }).handle(async ({ body, principal, traceId }) => {
    await care.restore(body, { actor: actorOf(principal), traceId })
    return { status: 200, body: { status: 'restored' } }
  }),
  route({
    method: 'POST',
    path: '/admin/storage/rotate-key',
    summary: 'Seals every secret under a newer master key, which is made unless one lies ready',
    admits: ['admin'],
    answers: { 200: closed({ made: Type.Boolean() }) },
  }).handle(async ({ principal, traceId }) => ({
    status: 200,
    body: { made: await care.rotateKey({ actor: actorOf(principal), traceId }) },
  })),
  route({
    method: 'POST',
    path: '/admin/storage/drop-former-keys',
    summary: 'Forgets the master keys of before, which older backups and other workspaces may still need',
    admits: ['admin'],
    answers: { 200: closed({ dropped: Type.Integer() }) },
  }).handle(async ({ principal, traceId }) => ({
    status: 200,
    body: { dropped: await care.dropFormerKeys({ actor: actorOf(principal), traceId }) },
  })),
]
