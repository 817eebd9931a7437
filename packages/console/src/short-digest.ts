const SHOWN = 'sha256:'.length + 12

/** Enough of a digest to tell it from others. */
export const shortDigest = (digest: string): string => `${digest.slice(0, SHOWN)}…`
