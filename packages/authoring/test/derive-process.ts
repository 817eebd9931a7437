import { derive } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'

// Derives the plugin in a folder, as another process in other surroundings would.
const [root = '', policies = ''] = process.argv.slice(2)
await derive(nodeDisk, root, policies)
