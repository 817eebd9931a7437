import socket, time

socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'who', ('127.0.0.1', 53))
time.sleep(0.2)
