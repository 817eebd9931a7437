import socket

socket.sethostname('mine')
