import { Worker } from 'node:worker_threads'
const code = `console.log(require('node:fs').readFileSync(${JSON.stringify(process.argv[2])}, 'utf8'))`
const thread = new Worker(code, { eval: true })

await new Promise((resolve) => thread.on('exit', resolve))
