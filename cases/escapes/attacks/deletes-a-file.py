import os, sys
file = sys.argv[1]

os.remove(file)
