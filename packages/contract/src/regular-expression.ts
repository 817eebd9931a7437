import { messageOf } from './errors.ts'

/** Why a text is no regular expression, or undefined when it is one. Nothing is matched with it. */
export function patternFault(pattern: string, flags = ''): string | undefined {
  try {
    return void new RegExp(pattern, flags)
  } catch (thrown) {
    return messageOf(thrown)
  }
}
