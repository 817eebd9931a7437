import { pathFault } from './inner-path.ts'

/**
 * Judges the paths of one tree, one after the other: why a path cannot lie beside those before it on every system, or
 * undefined when it can.
 */
export function treePaths(): (path: string) => string | undefined {
  const taken = new Map<string, { path: string; isFolder: boolean }>()
  return (path) =>
    pathFault(path) ??
    placesOf(path)
      .map((place) => clash(place, taken))
      .find(isFault)
}

type Place = { path: string; isFolder: boolean }

const isFault = (fault: string | undefined): boolean => fault !== undefined

/** Every folder that a path goes through, and the file at its end. */
function placesOf(path: string): Place[] {
  const parts = path.split('/')
  return parts.map((_, at) => ({ path: parts.slice(0, at + 1).join('/'), isFolder: at + 1 < parts.length }))
}

function clash(place: Place, taken: Map<string, Place>): string | undefined {
  const folded = place.path.toLowerCase()
  const other = taken.get(folded)
  taken.set(folded, place)
  if (other === undefined || (place.isFolder && other.isFolder && other.path === place.path)) return undefined
  if (other.path !== place.path) return `differs from ${JSON.stringify(other.path)} only in case`
  return place.isFolder || other.isFolder ? `makes ${JSON.stringify(place.path)} a file and a folder` : 'occurs twice'
}
