"""An MCP server over stdio that behaves, in its own spelling: odd spaces, unknown fields, no library.

It writes what it reads and what it sends to the two files that are named on its command line.
"""

import json
import sys

read_log = open(sys.argv[1], "wb") if len(sys.argv) > 2 else None
sent_log = open(sys.argv[2], "wb") if len(sys.argv) > 2 else None
pending = {}


def send_bytes(line):
    if sent_log:
        sent_log.write(line)
        sent_log.flush()
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def send(message):
    # Two spaces after each colon: nobody's serializer does that.
    send_bytes(json.dumps(message, separators=(" ,", ":  "), ensure_ascii=False).encode() + b"\n")


def answer(id, result):
    send({"future": {"x": [1, 2]}, "jsonrpc": "2.0", "id": id, "result": result})


def notify(method, params=None):
    send({"jsonrpc": "2.0", "method": method, **({"params": params} if params is not None else {})})


def text(value):
    return {"content": [{"type": "text", "text": value, "unknown": True}], "extra": {"kept": 1.50}}


def call(id, name, arguments, meta):
    if name == "echo":
        answer(id, {**text(arguments["text"]), "_meta": {"dev.jackfield/call": 41}})
    elif name == "fail":
        answer(id, {**text("it broke"), "isError": True})
    elif name == "refuse":
        send({"jsonrpc": "2.0", "id": id, "error": {"code": -32000, "message": "I would rather not", "data": [1]}})
    elif name == "count":
        for step in range(1, 4):
            notify("notifications/progress", {"progressToken": meta["progressToken"], "progress": step, "total": 3.0, "message": f"step {step}"})
        answer(id, text("counted"))
    elif name == "wait":
        notify("notifications/message", {"level": "info", "data": {"waiting": id}})
    elif name == "change":
        for what in ("tools", "resources", "prompts"):
            notify(f"notifications/{what}/list_changed")
        notify("notifications/resources/updated", {"uri": "test://one"})
        notify("notifications/message", {"level": "warning", "logger": "plain", "data": "changed"})
        answer(id, text("changed"))
    elif name == "ask":
        pending["call"] = id
        pending["errors"] = []
        for number, method in enumerate(("sampling/createMessage", "roots/list", "elicitation/create")):
            params = {
                "sampling/createMessage": {"messages": [], "maxTokens": 1},
                "roots/list": {},
                "elicitation/create": {"message": "?", "requestedSchema": {"type": "object", "properties": {}}},
            }[method]
            send({"jsonrpc": "2.0", "id": f"ask-{number}", "method": method, "params": params})
    elif name == "noise":
        send_bytes(b"Listening on port 80 ...\n")
        send_bytes(b'{"jsonrpc": "2.0", "id": 1, "resu\n')
        send_bytes(b"\n")
        send_bytes(b"42\n")
        send_bytes(b"\xff\xfe not text\n")
        send_bytes(b'  {"jsonrpc":"2.0","method":"notifications/whatever","params":{"a":1}}\t\r\n')
        sys.stderr.buffer.write(b"a line of stderr\nanother \xff\n")
        sys.stderr.flush()
        answer(id, text("noisy"))
    elif name == "stray":
        send({"jsonrpc": "2.0", "id": 987654, "result": {}})
    elif name == "big":
        answer(id, text("x" * arguments["bytes"]))
    elif name == "half":
        send_bytes(b'{"jsonrpc":"2.0","id":')
        sys.exit(0)
    elif name == "die":
        print("out of cheese", file=sys.stderr)
        sys.exit(3)
    else:
        send({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": f"no tool {name}"}})


def request(id, method, params):
    if method == "initialize":
        answer(id, {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": True}, "logging": {}, "resources": {}, "prompts": {}, "novel": {"v": 2}},
            "serverInfo": {"name": "plain", "version": "1.2", "title": "Plain", "colour": "grey"},
            "instructions": "call something",
        })
    elif method == "tools/list":
        if params.get("cursor") is None:
            answer(id, {"tools": [{"name": "echo", "inputSchema": {"type": "object"}, "new": 1}], "nextCursor": "two"})
        else:
            answer(id, {"tools": [{"name": "wait", "title": "Wait", "description": "for ever", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}]})
    elif method == "tools/call":
        call(id, params["name"], params.get("arguments", {}), params.get("_meta", {}))
    elif method == "resources/list":
        answer(id, {"resources": [{"uri": "test://one", "name": "one"}], "unknown": [None]})
    elif method == "resources/templates/list":
        answer(id, {"resourceTemplates": [{"uriTemplate": "test://{x}", "name": "any"}]})
    elif method == "resources/read":
        answer(id, {"contents": [{"uri": params["uri"], "text": "hello"}]})
    elif method == "prompts/list":
        answer(id, {"prompts": [{"name": "greet"}]})
    elif method == "prompts/get":
        answer(id, {"messages": [{"role": "user", "content": {"type": "text", "text": params["arguments"]["name"]}}]})
    elif method in ("ping", "logging/setLevel"):
        answer(id, {"was": params.get("level")} if params.get("level") else {})
    else:
        send({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": f"no method {method}"}})


for line in sys.stdin.buffer:
    if read_log:
        read_log.write(line)
        read_log.flush()
    try:
        message = json.loads(line)
    except ValueError:
        notify("notifications/message", {"level": "error", "data": "unreadable"})
        continue
    if "method" in message and "id" in message:
        request(message["id"], message["method"], message.get("params", {}))
    elif message.get("method") == "notifications/cancelled":
        notify("notifications/message", {"level": "info", "data": {"cancelled": message["params"]["requestId"], "why": message["params"].get("reason")}})
        # Late, as it may happen: nobody waits for it any more.
        answer(message["params"]["requestId"], text("too late"))
    elif str(message.get("id", "")).startswith("ask-"):
        pending["errors"].append(message.get("error", {}).get("code"))
        if len(pending["errors"]) == 3:
            answer(pending["call"], text(json.dumps(pending["errors"])))
