import { readFileSync } from 'node:fs'
import { packageFile } from './surroundings.ts'

const text = readFileSync(packageFile, 'utf8')

/** The version of Tenon that runs. */
export const version = (JSON.parse(text) as { version: string }).version
