import ctypes, sys
pid = int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)

if libc.ptrace(0x4206, pid, 0, 0) == 0: print('HARM')
