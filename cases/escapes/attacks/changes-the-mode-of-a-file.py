import os, sys

os.chmod(sys.argv[1], 0o644)
