import os, sys

os.setpriority(os.PRIO_PROCESS, int(sys.argv[2]), 19)
