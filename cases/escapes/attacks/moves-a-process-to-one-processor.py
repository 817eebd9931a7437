import os, sys

os.sched_setaffinity(int(sys.argv[2]), {0})
