import ctypes, os, sys
file = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)

if libc.mount(b'none', os.path.dirname(file).encode(), b'tmpfs', 0, None) == 0: print('HARM')
