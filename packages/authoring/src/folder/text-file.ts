import { isUtf8 } from 'node:buffer'
import type { PluginFile } from '@tenon/bundle'

/** A file of a plugin that is text, its path from the plugin's folder. */
export type TextFile = { path: string; text: string }

const TEXT = /\.(md|json|[cm]?[jt]s|py|ya?ml|txt|feature|csv)$/

/** Some kinds of file are text wherever they are. Of others, what reads as text without a NUL is text. */
export const isText = ({ path, bytes }: PluginFile): boolean => TEXT.test(path) || (isUtf8(bytes) && !bytes.includes(0))

export const unixLines = (text: string): string => text.replaceAll('\r\n', '\n')

/** The file as it is committed: a checkout may have made its lines end as they do on its system. */
export function asCommitted(file: PluginFile): PluginFile {
  if (!file.bytes.includes(13) || !isText(file)) return file
  // In Latin-1 every byte is a character, so that none is lost.
  return { path: file.path, bytes: Buffer.from(unixLines(Buffer.from(file.bytes).toString('latin1')), 'latin1') }
}
