import { takeOwnership } from '@tenon/database'
import { wallWorld } from '@tenon/testkit'

const [folder = '', url = ''] = process.argv.slice(2)
takeOwnership(folder, { url, world: wallWorld() })
process.stdout.write('owned\n')
setInterval(() => {}, 60_000)
