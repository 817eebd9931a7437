/** Files and functions that were too long when their rule came. The list may only shrink. */
export const LONG_FILES: readonly string[] = []
export const LONG_FUNCTIONS: readonly string[] = []

export const FILE_LINES_MAX = 400
export const FUNCTION_LINES_MAX = 70
