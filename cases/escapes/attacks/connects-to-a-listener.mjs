await fetch(`http://127.0.0.1:${process.argv[4]}/`, { signal: AbortSignal.timeout(300) }).catch(() => undefined)
