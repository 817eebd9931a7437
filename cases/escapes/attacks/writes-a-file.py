import sys
file = sys.argv[1]

open(file, 'w').write('mine')
