const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
/** What most file systems hold in one name. */
const NAME_BYTES = 255

/** Why a path cannot be that of a file inside a plugin on every system, or undefined. */
export function pathFault(path: string): string | undefined {
  if (path === '' || path.length > 512) return 'is empty or longer than 512 characters'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (/[\\<>:"|?*\p{Cc}]/u.test(path)) return 'holds a control character or one of \\ < > : " | ? *'
  if (!path.isWellFormed() || path !== path.normalize('NFC')) return 'is not in Unicode normal form C'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'has an empty, "." or ".." part'
  if (parts.some((part) => RESERVED.test(part))) return 'has a name that is reserved on some system'
  if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)) return `has a name of more than ${NAME_BYTES} bytes`
  return parts.some((part) => /[. ]$/.test(part)) ? 'has a part that ends in a dot or a space' : undefined
}
