import os

os.close(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY))
print('HARM')
