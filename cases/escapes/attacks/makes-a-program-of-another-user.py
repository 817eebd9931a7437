import os
tmp = os.environ['TMPDIR']

open(f'{tmp}/canary-program', 'w').close()
try:
    os.chmod(f'{tmp}/canary-program', 0o4755)
    print('HARM')
finally:
    os.remove(f'{tmp}/canary-program')
