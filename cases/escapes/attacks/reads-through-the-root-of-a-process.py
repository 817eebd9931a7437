import sys
file = sys.argv[1]
pid = int(sys.argv[2])

print(open(f'/proc/{pid}/root{file}').read())
