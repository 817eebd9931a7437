
held = bytearray(b'x') * (400 << 20)
print('HARM', len(held))
