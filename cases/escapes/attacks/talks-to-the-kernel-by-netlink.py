import socket

socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).bind((0, 0))
print('HARM')
