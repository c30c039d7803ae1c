"""MCP servers over stdio, each wrong in its own way: the first argument says how."""

import json
import os
import sys

how = sys.argv[1]


def send(line):
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def initialized(id, version):
    result = {"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "bad", "version": "0"}}
    return json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode()


if how == "exits":
    print("cannot read config.toml", file=sys.stderr)
    print("giving up", file=sys.stderr)
    sys.exit(7)
if how == "killed":
    os.kill(os.getpid(), 9)

first = json.loads(sys.stdin.buffer.readline())
if how == "garbage":
    send(b"Welcome to the server!\n> \n")
elif how == "wrong-id":
    send(initialized(first["id"] + 100, "2025-11-25") + b"\n")
elif how == "version":
    send(initialized(first["id"], "1999-01-01") + b"\n")
elif how == "half":
    send(initialized(first["id"], "2025-11-25")[:40])
    sys.exit(0)
elif how == "closes":
    sys.exit(0)
elif how == "error":
    send(json.dumps({"jsonrpc": "2.0", "id": first["id"], "error": {"code": -32603, "message": "no database"}}).encode() + b"\n")
elif how == "form":
    send(json.dumps({"jsonrpc": "2.0", "id": first["id"], "result": "yes"}).encode() + b"\n")

# Stays as it is until its input ends.
for _ in sys.stdin.buffer:
    pass
