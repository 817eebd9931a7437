import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, createServer as createTunnel, type AddressInfo, type Server } from 'node:net'

/** Lets requests that come by a socket of the file system through to a server, and counts them by their path. */
export async function recordedLink(
  socket: string,
  url: string,
  opened: AsyncDisposableStack,
): Promise<(path: string) => number> {
  const paths: string[] = []
  const { hostname, port, host } = new URL(url)
  const server = createServer((incoming, answer) => {
    paths.push(new URL(incoming.url ?? '/', url).pathname)
    const { method, url: path, headers } = incoming
    const onward = request({ hostname, port, method, path, headers: { ...headers, host } }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    incoming.pipe(onward)
  })
  await listening(server, opened, (one) => one.listen(socket))
  return (wanted) => paths.filter((path) => path === wanted).length
}

/** A port of this machine's loopback that leads to a socket of the file system; gives its URL. */
export async function loopbackTo(socket: string, opened: AsyncDisposableStack): Promise<string> {
  const server = createTunnel((near) => {
    const far = connect(socket)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await listening(server, opened, (one) => one.listen(0, '127.0.0.1'))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function listening<S extends Server>(
  server: S,
  opened: AsyncDisposableStack,
  listen: (server: S) => void,
): Promise<void> {
  opened.defer(async () => {
    server.close()
    if ('closeAllConnections' in server) (server as unknown as { closeAllConnections(): void }).closeAllConnections()
  })
  listen(server)
  await once(server, 'listening')
}
