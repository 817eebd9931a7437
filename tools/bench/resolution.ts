import { simulatedWorld } from '@tenon/testkit'
import { answerCatalog, readCatalog } from '@tenon/resolver'
import { interleaved, timed, type Bench } from './trials.ts'

const PLUGINS = 50
const VERSIONS = 10
const NEEDS = 4

/** A catalog is read anew for each trial, as the command does. */
export const resolution: Bench = (_, { trials }) => {
  const text = JSON.stringify(catalog())
  const solve = async (): Promise<void> => {
    const { value } = readCatalog(text)
    if (value === undefined) throw new Error('the catalog of the bench is invalid')
    const answer = await answerCatalog(value)
    if (!('ok' in answer)) throw new Error(`the catalog of the bench has no solution: ${JSON.stringify(answer)}`)
  }
  return interleaved([{ name: 'tenon resolve, in process', trial: timed(solve) }], trials)
}

/** Each plugin needs some that come after it; newer versions want newer ones, which makes the search go back now and then. */
function catalog(): object {
  const world = simulatedWorld(1)
  const below = (bound: number): number => ((world.random(1)[0] ?? 0) * bound) >> 8
  const nameOf = (index: number): string => `plugin-${String(index).padStart(2, '0')}`
  const releaseOf = (index: number, version: number): object => {
    const later = PLUGINS - index - 1
    const needs = Array.from({ length: Math.min(NEEDS, later) }, () => index + 1 + below(later))
    return { deps: Object.fromEntries(needs.map((one) => [nameOf(one), `>=1.${below(version + 1)}.0`])) }
  }
  const packages = Array.from({ length: PLUGINS }, (_, index) => [
    nameOf(index),
    Object.fromEntries(
      Array.from({ length: VERSIONS }, (_none, version) => [`1.${version}.0`, releaseOf(index, version)]),
    ),
  ])
  const wanted = Array.from({ length: PLUGINS }, (_, index) => [nameOf(index), '^1'])
  return { root: { deps: Object.fromEntries(wanted) }, packages: Object.fromEntries(packages) }
}
