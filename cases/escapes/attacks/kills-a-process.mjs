process.kill(Number(process.argv[3]), 'SIGKILL')
