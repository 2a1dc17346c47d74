import os
import signal
import subprocess
import sys

from treeport import find

command = [find(), *sys.argv[1:]]
if os.name == "nt":  # where exec ends this process, and the shell does not wait for the new one
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the binary's
    sys.exit(subprocess.call(command))
os.execv(command[0], command)
