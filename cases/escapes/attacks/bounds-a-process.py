import resource, sys

resource.prlimit(int(sys.argv[2]), resource.RLIMIT_FSIZE, (0, 0))
