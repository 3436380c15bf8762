"""Run a command, its output unseen, and print its peak memory in bytes.

A process of its own, kept small: Linux counts what the parent held at the fork as the child's.
"""

import os
import subprocess
import sys

if __name__ == "__main__":
    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(sys.argv[1:])}: wait status {status}")
    print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
