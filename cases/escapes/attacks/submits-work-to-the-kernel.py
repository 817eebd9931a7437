import ctypes
libc = ctypes.CDLL(None, use_errno=True)

if libc.syscall(425, 8, bytes(120)) >= 0: print('HARM')
