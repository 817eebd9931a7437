/** What a command gives: data for programs, text for people, and the exit status when it is not 0. */
export type Result = {
  data: unknown
  text: string
  exit?: number
  /** Standard output belongs to something else that the command ran, so the data go to standard error. */
  quiet?: boolean
  /** All of it was printed as it came. */
  printed?: boolean
}
