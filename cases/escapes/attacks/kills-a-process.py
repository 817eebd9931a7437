import os, signal, sys
pid = int(sys.argv[2])

os.kill(pid, signal.SIGKILL)
