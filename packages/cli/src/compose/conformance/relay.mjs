// Runs inside the sandbox beside a remote plugin's server, whose network ends at its own loopback: what the plugin asks the
// host goes out by one socket of a folder that both sides see, and what is asked of the plugin comes in by another.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import process from 'node:process'

const [link, port, ...argv] = process.argv.slice(2)

const between = (openFar) =>
  createServer((near) => {
    const far = openFar()
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })

const host = between(() => connect(`${link}/host.sock`))
host.listen(0, '127.0.0.1')
await once(host, 'listening')
const child = spawn(process.execPath, argv, {
  env: { ...process.env, TENON_URL: `http://127.0.0.1:${host.address().port}`, HOST: '127.0.0.1', PORT: port },
  stdio: 'inherit',
})
between(() => connect(Number(port), '127.0.0.1')).listen(`${link}/plugin.sock`)
const [code] = await once(child, 'exit')
process.exit(code ?? 1)
