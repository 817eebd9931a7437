/** The gate that has to notice, and what is done to a new plugin of the kind `node`. */
export type GateCase = { gate: string; harm: (root: string) => void }
