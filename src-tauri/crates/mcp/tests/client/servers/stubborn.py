"""An MCP server over stdio that does not end with its input, nor does the child that it starts.

It names the child in the title of its server information.
"""

import json
import signal
import subprocess
import sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
first = json.loads(sys.stdin.readline())
server = {"name": "stubborn", "version": "0", "title": str(child.pid)}
result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": server}
print(json.dumps({"jsonrpc": "2.0", "id": first["id"], "result": result}), flush=True)
while True:
    signal.pause()
