import os
tmp = os.environ['TMPDIR']

os.mknod(f'{tmp}/canary-device', 0o600 | 0o060000, os.makedev(7, 250))
os.remove(f'{tmp}/canary-device')
print('HARM')
