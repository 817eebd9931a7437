import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)

attributes = struct.pack('IIII', 2, 4, 8, 1) + bytes(112)
if libc.syscall(321 if os.uname().machine == 'x86_64' else 280, 0, attributes, 128) >= 0: print('HARM')
