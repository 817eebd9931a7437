import os
tmp = os.environ['TMPDIR']

with open(f'{tmp}/canary-fill', 'wb') as full:
    try:
        for _ in range(200):
            full.write(bytes(1 << 20))
            full.flush()
        print('HARM')
    finally:
        os.remove(f'{tmp}/canary-fill')
