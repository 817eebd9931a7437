/** A short name for each path: `review` for `skills/review/SKILL.md`; with its folder where others have the same. */
export function labelsOf(paths: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(shortName(path), (counts.get(shortName(path)) ?? 0) + 1)
  return new Map(
    paths.map((path) => {
      const [name, folder] = [shortName(path), path.split('/').at(-2)]
      const isShared = (counts.get(name) ?? 0) > 1 && folder !== undefined && folder !== name
      return [path, isShared ? `${folder}/${name}` : name]
    }),
  )
}

function shortName(path: string): string {
  const [file = path, folder] = path.split('/').toReversed()
  return /^(skill|readme|index)\.md$/i.test(file) && folder !== undefined ? folder : file.replace(/\.md$/i, '')
}
