import os, sys
file = sys.argv[1]

os.rename(os.path.dirname(file), os.path.dirname(file) + '.mine')
