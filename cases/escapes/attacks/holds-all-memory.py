import time

held = bytearray(b'x') * (400 << 20)
time.sleep(2)
print('HARM', len(held))
