import fastifyStatic from '@fastify/static'
import { TenonError } from '@tenon/contract'
import type { FastifyInstance } from 'fastify'

/** Pages run only the scripts and styles that lie beside them, and nobody frames them. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Serves a folder of a single-page application: a path that is no file and has no extension is its `index.html`. */
export function serveFolder(app: FastifyInstance, prefix: `/${string}/`, folder: string): void {
  void app.register(
    async (scope) => {
      await scope.register(fastifyStatic, {
        root: folder,
        dotfiles: 'ignore',
        setHeaders: (reply) => void reply.header('content-security-policy', PAGE_POLICY),
      })
      scope.setNotFoundHandler(async (request, reply) => {
        const path = request.url.replace(/[?#].*$/, '')
        if (request.method === 'GET' && !/\.[^/]*$/.test(path)) return reply.sendFile('index.html')
        throw new TenonError('HTTP_ROUTE_UNKNOWN', `there is no file ${path}`)
      })
    },
    { prefix },
  )
}
