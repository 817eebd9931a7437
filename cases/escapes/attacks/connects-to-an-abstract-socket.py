import socket, time

socket.socket(socket.AF_UNIX).connect('\0canary')
time.sleep(0.2)
