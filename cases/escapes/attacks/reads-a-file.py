import sys
file = sys.argv[1]

print(open(file).read())
