import os, signal, time

for count in range(300):
    if os.fork() == 0:
        time.sleep(5)
        os._exit(0)
time.sleep(2)
print('HARM', flush=True)
os.killpg(0, signal.SIGKILL)
