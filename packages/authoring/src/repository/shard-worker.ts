// Runs in a thread of its own: is handed some of a repository's plugins and says what was found in them.
import { parentPort, workerData } from 'node:worker_threads'
import { judgeShard, type ShardOrder } from './judge-shard.ts'

for (const order of workerData as ShardOrder[]) parentPort?.postMessage(await judgeShard(order), [])
