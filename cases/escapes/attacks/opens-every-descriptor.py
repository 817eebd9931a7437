import os

opened = [os.open('/dev/null', os.O_RDONLY) for _ in range(900)]
print('HARM', len(opened))
