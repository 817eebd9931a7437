import { join } from 'node:path'
import type { Disk } from '@tenon/contract'

const generationsFolder = (tenonFolder: string): string => join(tenonFolder, 'generations')

/** Where a generation lies: what it holds, and the `tenon.json` and `tenon.lock` that it was made from. */
export const generationFolder = (tenonFolder: string, number: number): string =>
  join(generationsFolder(tenonFolder), String(number))

/** A number that no generation has had, were it ever in force or not. */
export async function nextNumber(disk: Disk, tenonFolder: string): Promise<number> {
  const names = await disk.list(generationsFolder(tenonFolder))
  return Math.max(0, ...names.filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number)) + 1
}

export async function writeGeneration(
  disk: Disk,
  tenonFolder: string,
  number: number,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const home = generationFolder(tenonFolder, number)
  const aside = `${home}.aside`
  await disk.makeFolder(aside)
  for (const [name, text] of Object.entries(texts)) {
    await disk.write(join(aside, name), Buffer.from(text), 0o444)
    await disk.flush(join(aside, name))
  }
  await disk.flush(aside)
  await disk.rename(aside, home)
  await disk.flush(generationsFolder(tenonFolder))
}

/** Makes a generation the one in force: the commit point of installation and rollback. */
export async function switchTo(disk: Disk, tenonFolder: string, number: number): Promise<void> {
  const aside = join(tenonFolder, 'current.aside')
  await disk.makeLink(`generations/${number}`, aside)
  await disk.rename(aside, join(tenonFolder, 'current'))
  await disk.flush(tenonFolder)
}

/** Takes away what a killed change of the workspace left beside the places it was meant for. */
export async function removeLeftovers(disk: Disk, folder: string, tenonFolder: string): Promise<void> {
  for (const name of ['tenon.json', 'tenon.lock']) await disk.remove(join(folder, `${name}.aside`))
  for (const place of [tenonFolder, join(tenonFolder, 'store'), generationsFolder(tenonFolder)])
    for (const name of await disk.list(place)) if (name.endsWith('.aside')) await disk.remove(join(place, name))
}
