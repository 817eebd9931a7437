import os, sys
file = sys.argv[1]

os.link(file, os.path.dirname(file) + '/linked')
print(open(os.path.dirname(file) + '/linked').read())
