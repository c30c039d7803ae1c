"""The official Python SDK as a client: lists the tools of a server, calls one, prints both as JSON.

    python_client.py --url URL TOOL ARGUMENTS
    python_client.py --command "PROGRAM ARGUMENT …" TOOL ARGUMENTS

Exits with 1 and the reason on standard error if the server cannot be spoken to.
"""

import argparse
import asyncio
import json
import shlex
import sys

from mcp import Client, StdioServerParameters

TIMEOUT_SECONDS = 30


def arguments():
    parser = argparse.ArgumentParser(description="Lists the tools of an MCP server and calls one.")
    server = parser.add_mutually_exclusive_group(required=True)
    server.add_argument("--url", help="the address of a Streamable HTTP server")
    server.add_argument("--command", help="the command line of a server on standard input and output")
    parser.add_argument("--mode", default="auto", help="auto, legacy (the handshake), or a stateless revision")
    parser.add_argument("tool", help="the tool to call")
    parser.add_argument("arguments", type=json.loads, help="its arguments, a JSON object")
    return parser.parse_args()


def server_of(options):
    if options.url:
        return options.url
    program, *rest = shlex.split(options.command)
    return StdioServerParameters(command=program, args=rest)


async def all_tools(client):
    names, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        names.extend(tool.name for tool in page.tools)
        cursor = page.next_cursor
        if cursor is None:
            return names


async def talk(options):
    async with Client(server_of(options), mode=options.mode, read_timeout_seconds=TIMEOUT_SECONDS) as client:
        tools = await all_tools(client)
        result = await client.call_tool(options.tool, options.arguments)
        return {
            "protocol": client.protocol_version,
            "server": client.server_info.name if client.server_info else None,
            "tools": tools,
            "structured": result.structured_content,
            "text": [block.text for block in result.content if block.type == "text"],
            "is-error": bool(result.is_error),
            "meta": result.meta,
        }


def main():
    options = arguments()
    try:
        outcome = asyncio.run(asyncio.wait_for(talk(options), 2 * TIMEOUT_SECONDS))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(json.dumps(outcome, indent=2, default=str))


main()
