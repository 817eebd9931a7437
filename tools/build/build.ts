// npm run build: writes each published package to its own dist/, which is the folder that is packed.
import { buildPackages } from './published.ts'

for (const { name, version, folder } of await buildPackages()) console.log(`${name} ${version}  ${folder}`)
