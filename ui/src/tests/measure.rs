//! The MCP tab.
