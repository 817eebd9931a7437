import sys
pid = int(sys.argv[2])

print(open(f'/proc/{pid}/environ').read())
