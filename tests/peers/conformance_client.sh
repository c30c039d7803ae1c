#!/bin/sh
# The client of the conformance suite: `conformance client --command "sh conformance_client.sh JACK"`.
# The suite says in the environment what is tried, and gives the server's address as the last argument.
jack=$1
server=$2
case "$MCP_CONFORMANCE_SCENARIO" in
    tools_call | tools-call*) exec "$jack" mcp call "$server" add_numbers '{"a": 5, "b": 3}' ;;
    *) exec "$jack" mcp tools "$server" ;;
esac
