/** A host that keeps a launcher ready and does nothing else: `standby-host.ts MARK`. */
import { launcherStandby } from '@tenon/sandbox'
import { wallWorld } from '@tenon/testkit'

const [mark = ''] = process.argv.slice(2)
launcherStandby({ ...wallWorld(), newId: () => mark }).prepare()
