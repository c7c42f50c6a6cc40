# SPDX-License-Identifier: MIT
# terminal: runs a command as the foreground job of a terminal of its own and talks to it.
#
#     python3 terminal.py STEP... -- COMMAND...
#
# A STEP is =TEXT: wait until TEXT was printed; +TEXT: type TEXT (backslash escapes). Prints what the terminal showed, then
# `status N` (128 + n for a signal).
import os
import pty
import select
import signal
import sys
import time


def main():
    split = sys.argv.index("--")
    steps, command = sys.argv[1:split], sys.argv[split + 1:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    shown, deadline, seen_to = b"", time.monotonic() + 60, 0
    status = None

    def read():
        nonlocal shown
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            sys.exit("timed out after:\n" + shown.decode(errors="replace"))
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                return False
        return True

    for step in steps:
        kind, text = step[0], step[1:].encode().decode("unicode_escape").encode("latin-1")
        if kind == "+":
            os.write(terminal, text)
        else:
            while text not in shown[seen_to:] and read():
                pass
            seen_to = shown.find(text, seen_to) + len(text)
    while read() and status is None:
        got, now = os.waitpid(pid, os.WNOHANG)
        status = now if got else None
    while select.select([terminal], [], [], 0.05)[0] and read():
        pass
    if status is None:
        status = os.waitpid(pid, 0)[1]
    sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
    print("status", 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
