/** What an examination found. A note is nothing that has to be put right. */
export type Finding = {
  check: 'database' | 'migrations' | 'orphans' | 'jobs' | 'plugins' | 'settings' | 'exploration'
  level: 'note' | 'warning' | 'error'
  message: string
}
