import { DatabaseSync } from 'node:sqlite'
import { dirname } from 'node:path'
import { existsSync } from 'node:fs'
const path = `${dirname(process.argv[2])}/canary.db`
const db = new DatabaseSync(':memory:')
db.exec(`ATTACH '${path}' AS other; CREATE TABLE other.t (a)`)
if (existsSync(path)) console.log('HARM')
