import socket, sys, time
port = int(sys.argv[3])

socket.create_connection(('127.0.0.1', port), timeout=5)
time.sleep(0.2)
