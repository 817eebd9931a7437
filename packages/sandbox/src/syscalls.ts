/** What a filter needs to know of a machine: its audit number and the numbers of the calls that the filter names. */
export type Machine = {
  audit: number
  /** The first number of a second calling convention on the same machine (x32), all of which is refused. */
  secondConvention?: number
  denied: readonly number[]
  absent: readonly number[]
  clone: number
  sockets: readonly number[]
  ioctl: number
  /** Calls that set a file's mode, with the place of the mode among their arguments. */
  modes: readonly (readonly [number: number, argument: number])[]
  bare: BareMachine
}

/** What a filter needs to know besides, where no name space keeps a process from what it may not reach. */
export type BareMachine = {
  /** Calls that make a socket, and those that make a pair of connected ones. */
  socket: number
  denied: readonly number[]
  /** Calls that change what no Landlock rule covers of any file the user owns. */
  ofFiles: readonly number[]
  /** The same for extended attributes, which file systems may lack. */
  ofAttributes: readonly number[]
  /** Calls whose first argument names a process, 0 the caller itself. */
  ofProcess: readonly number[]
  /** Calls whose first argument says what the second one names: a process, a group, a user. */
  ofWhom: readonly (readonly [number: number, process: number])[]
}

/** AF_UNIX, AF_INET and AF_INET6: the families of sockets that there are inside. */
export const FAMILIES: readonly number[] = [1, 2, 10]
/** Every kind of name space that `clone` can make. */
export const CLONE_NEW_ANY = 0x7e020000
export const SET_ID_BITS = 0o6000
/** TIOCSTI and TIOCLINUX, which type into a terminal. */
export const TERMINAL_REQUESTS: readonly number[] = [0x5412, 0x541c]

/**
 * Calls that no plugin has a use for: they reach other processes, the kernel's own state, mounts, keys, or parts of the
 * kernel with a long record of holes. Columns: x86_64, arm64; a dash where the machine has no such call.
 */
const DENIED = `
  acct 163 89, add_key 248 217, adjtimex 159 171, bpf 321 280, chroot 161 51, clock_adjtime 305 266,
  clock_settime 227 112, delete_module 176 106, fanotify_init 300 262, finit_module 313 273, fsconfig 431 431,
  fsmount 432 432, fsopen 430 430, fspick 433 433, init_module 175 105, io_uring_enter 426 426,
  io_uring_register 427 427, io_uring_setup 425 425, ioperm 173 -, iopl 172 -, kcmp 312 272, kexec_file_load 320 294,
  kexec_load 246 104, keyctl 250 219, lookup_dcookie 212 18, mbind 237 235, memfd_secret 447 447,
  migrate_pages 256 238, modify_ldt 154 -, mount 165 40, mount_setattr 442 442, move_mount 429 429, move_pages 279 239,
  name_to_handle_at 303 264, nfsservctl 180 42, open_by_handle_at 304 265, open_tree 428 428, open_tree_attr 467 467,
  perf_event_open 298 241, personality 135 92, pidfd_getfd 438 438, pivot_root 155 41, process_madvise 440 440,
  process_mrelease 448 448, process_vm_readv 310 270, process_vm_writev 311 271, ptrace 101 117, quotactl 179 60,
  quotactl_fd 443 443, reboot 169 142, request_key 249 218, set_mempolicy 238 237, setdomainname 171 162,
  sethostname 170 161, setns 308 268, settimeofday 164 170, swapoff 168 225, swapon 167 224, sysfs 139 -,
  syslog 103 116, umount2 166 39, unshare 272 97, uselib 134 -, userfaultfd 323 282, ustat 136 -, vhangup 153 58`

/** Shared memory, semaphores and queues of the machine; watching what others do with files. */
const DENIED_BARE = `
  inotify_add_watch 254 27, mq_open 240 180, mq_unlink 241 181, msgctl 71 187, msgget 68 186, msgrcv 70 188,
  msgsnd 69 189, semctl 66 191, semget 64 190, semop 65 193, semtimedop 220 192, shmat 30 196, shmctl 31 195,
  shmget 29 194`
const OF_FILES = `
  chmod 90 -, chown 92 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, fchown 93 55, fchownat 260 54,
  futimesat 261 -, lchown 94 -, utime 132 -, utimensat 280 88, utimes 235 -`
const OF_ATTRIBUTES = `
  file_setattr 469 469, fremovexattr 199 16, fsetxattr 190 7, lremovexattr 198 15, lsetxattr 189 6,
  removexattr 197 14, removexattrat 466 466, setxattr 188 5, setxattrat 463 463`
const OF_PROCESS = `
  prlimit64 302 261, sched_setaffinity 203 122, sched_setattr 314 274, sched_setparam 142 118,
  sched_setscheduler 144 119`

/** Calls whose arguments a filter cannot see into: programs fall back when told there is none. */
const ABSENT = `
  clone3 435 435, openat2 437 437`

/** Calls that set a file's mode; the last column is the place of the mode among their arguments. */
const MODES = `
  chmod 90 - 1, creat 85 - 1, fchmod 91 52 1, fchmodat 268 53 2, fchmodat2 452 452 2, mknod 133 - 1, mknodat 259 33 2,
  open 2 - 2, openat 257 56 3`

const rowsOf = (table: string): string[][] => table.split(',').map((row) => row.trim().split(' '))
const namesIn = (table: string): string[] => rowsOf(table).map(([name = '']) => name)

/** The same by name, for container engines, which know no numbers. */
export const BY_NAME = {
  denied: namesIn(DENIED),
  absent: namesIn(ABSENT),
  modes: rowsOf(MODES).map(([name = '', , , argument]) => ({ name, argument: Number(argument) })),
}

const numbersIn = (table: string, column: 1 | 2): number[] =>
  rowsOf(table)
    .map((row) => row[column])
    .filter((cell) => cell !== '-')
    .map(Number)

const modesIn = (column: 1 | 2): (readonly [number, number])[] =>
  rowsOf(MODES)
    .filter((row) => row[column] !== '-')
    .map((row) => [Number(row[column]), Number(row[3])])

const bareMachine = (column: 1 | 2, own: Pick<BareMachine, 'socket' | 'ofWhom'>): BareMachine => ({
  ...own,
  denied: numbersIn(DENIED_BARE, column),
  ofFiles: numbersIn(OF_FILES, column),
  ofAttributes: numbersIn(OF_ATTRIBUTES, column),
  ofProcess: numbersIn(OF_PROCESS, column),
})

/** By the name that Node has for a machine. */
export const MACHINES: Record<string, Machine> = {
  x64: {
    audit: 0xc000003e,
    secondConvention: 0x40000000,
    denied: numbersIn(DENIED, 1),
    absent: numbersIn(ABSENT, 1),
    clone: 56,
    sockets: [41, 53],
    ioctl: 16,
    modes: modesIn(1),
    // setpriority, ioprio_set
    bare: bareMachine(1, {
      socket: 41,
      ofWhom: [
        [141, 0],
        [251, 1],
      ],
    }),
  },
  arm64: {
    audit: 0xc00000b7,
    denied: numbersIn(DENIED, 2),
    absent: numbersIn(ABSENT, 2),
    clone: 220,
    sockets: [198, 199],
    ioctl: 29,
    modes: modesIn(2),
    bare: bareMachine(2, {
      socket: 198,
      ofWhom: [
        [140, 0],
        [30, 1],
      ],
    }),
  },
}

/** The newest call that was looked at when this list was made; what a later kernel adds does not exist inside. */
export const NEWEST_CALL = 469
