import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)

if libc.syscall(248 if os.uname().machine == 'x86_64' else 217, b'user', b'canary', b'x', 1, -2) > 0: print('HARM')
