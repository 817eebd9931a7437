import { wallWorld } from '@tenon/testkit'
import { dropFormerKeys, rotateKey } from '../src/compose/key-rotation.ts'
import { openPluginStorage } from '../src/compose/plugin-storage.ts'

const [home = ''] = process.argv.slice(2)
const world = wallWorld()
const locations = { ...{ home, owned: home, host: home }, ...{ workspace: home, registry: '', state: '' } }
const { storage, masterKey: place } = await openPluginStorage(locations, world)
process.stdout.write('rotating\n')
for (;;)
  for (const work of [rotateKey, dropFormerKeys]) {
    await work({ storage, place, home, world })
    process.stdout.write('rotated\n')
  }
