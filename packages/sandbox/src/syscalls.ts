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
}

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

const denied = (column: 1 | 2): number[] =>
  DENIED.split(',')
    .map((row) => row.trim().split(' ')[column])
    .filter((cell) => cell !== '-')
    .map(Number)

/** Calls whose arguments a filter cannot see into (clone3, openat2): programs fall back when told there is none. */
const ABSENT = [435, 437]

/** By the name that Node has for a machine. */
export const MACHINES: Record<string, Machine> = {
  x64: {
    audit: 0xc000003e,
    secondConvention: 0x40000000,
    denied: denied(1),
    absent: ABSENT,
    clone: 56,
    sockets: [41, 53],
    ioctl: 16,
    modes: [
      [2, 2], // open
      [85, 1], // creat
      [90, 1], // chmod
      [91, 1], // fchmod
      [133, 1], // mknod
      [257, 3], // openat
      [259, 2], // mknodat
      [268, 2], // fchmodat
      [452, 2], // fchmodat2
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    denied: denied(2),
    absent: ABSENT,
    clone: 220,
    sockets: [198, 199],
    ioctl: 29,
    modes: [
      [33, 2], // mknodat
      [52, 1], // fchmod
      [53, 2], // fchmodat
      [56, 3], // openat
      [452, 2], // fchmodat2
    ],
  },
}

/** The newest call that was looked at when this list was made; what a later kernel adds does not exist inside. */
export const NEWEST_CALL = 469
