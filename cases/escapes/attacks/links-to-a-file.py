import os, sys
file = sys.argv[1]
tmp = os.environ['TMPDIR']

os.symlink(file, f'{tmp}/link-to-canary')
try:
    print(open(f'{tmp}/link-to-canary').read())
finally:
    os.remove(f'{tmp}/link-to-canary')
