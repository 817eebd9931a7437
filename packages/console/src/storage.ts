import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask, askBytes } from './api.ts'

const SQLITE = 'application/vnd.sqlite3'
const BACKUP_NAME = 'tenon-storage.db'

export type DamagedRow = { plugin: string; space: string; key: string }

export const useStorageCheck = (): UseMutationResult<DamagedRow[], Error, void> =>
  useMutation({ mutationFn: async () => (await ask<{ damaged: DamagedRow[] }>('/admin/storage/check')).damaged })

/** Saves a backup where the browser saves what it fetches. The answer is its size in bytes. */
export const useBackup = (): UseMutationResult<number, Error, void> =>
  useMutation({
    mutationFn: async () => {
      const bytes = await askBytes('/admin/storage/backup')
      save(bytes)
      return bytes.size
    },
  })

export function useRestore(): UseMutationResult<unknown, Error, File> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (file: File) =>
      ask('/admin/storage/restore', { method: 'POST', body: file.slice(0, file.size, SQLITE) }),
    onSuccess: () => client.invalidateQueries(),
  })
}

/** Whether a key was made; else one lay ready. */
export const useRotateKey = (): UseMutationResult<{ made: boolean }, Error, void> =>
  useMutation({ mutationFn: () => ask('/admin/storage/rotate-key', { method: 'POST' }) })

/** How many keys there were to forget. */
export const useDropFormerKeys = (): UseMutationResult<{ dropped: number }, Error, void> =>
  useMutation({ mutationFn: () => ask('/admin/storage/drop-former-keys', { method: 'POST' }) })

function save(bytes: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = BACKUP_NAME
  link.click()
  URL.revokeObjectURL(link.href)
}
