//! What `jack mcp` can be told.

use std::time::Duration;

use clap::Subcommand;

use super::{Fetch, WorkloadArgs, parse_duration};

pub(super) const EXAMPLES: &str = "\
SERVER is an http(s) URL, a workload (which runs for as long as jack does), or a command line in quotes.
Whatever is said is recorded; `jack mcp sessions` lists it.

Examples:
  jack mcp tools samples/calculator/workload.toml
  jack mcp call samples/calculator/workload.toml hypotenuse '{\"a\": 3, \"b\": 4}'
  jack mcp tools http://127.0.0.1:8080/mcp --header 'Authorization: Bearer …'
  jack mcp call 'npx -y @modelcontextprotocol/server-everything' echo '{\"message\": \"hello\"}'
  jack mcp serve workload.toml --stdio
  jack mcp record -- npx -y @modelcontextprotocol/server-everything
  jack mcp sessions show latest";

/// One of `jack mcp`'s own commands.
#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// List the tools of a server
    Tools {
        /// A URL, a workload, or a command line in quotes
        server: String,
        /// Sent with every request to a URL, like `Authorization: Bearer …`
        #[arg(long = "header", value_name = "NAME: VALUE")]
        headers: Vec<String>,
        #[command(flatten)]
        fetch: Fetch,
    },
    /// Call a tool, and show what it answers
    ///
    /// The exit code is 1 if the tool says that it failed.
    Call {
        /// A URL, a workload, or a command line in quotes
        server: String,
        /// The tool
        tool: String,
        /// Its arguments, a JSON object
        #[arg(default_value = "{}")]
        arguments: String,
        /// Sent with every request to a URL, like `Authorization: Bearer …`
        #[arg(long = "header", value_name = "NAME: VALUE")]
        headers: Vec<String>,
        #[command(flatten)]
        fetch: Fetch,
        /// Give up after this long: 500ms, 5s, 1m
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        timeout: Option<Duration>,
    },
    /// Run a workload and offer its functions as tools to MCP clients
    ///
    /// On Streamable HTTP, at an address of this machine alone that is printed; or to the one client that
    /// started jack, on standard input and output.
    Serve {
        #[command(flatten)]
        workload: WorkloadArgs,
        /// Speak MCP on standard input and output
        #[arg(long, conflicts_with = "port")]
        stdio: bool,
        /// The port; any free one if it is not given
        #[arg(long)]
        port: Option<u16>,
    },
    /// Stand between a client and a server that speak over standard input and output, and record them
    ///
    /// Put it before the server's command line where the client is told what to start.
    #[command(trailing_var_arg = true)]
    Record {
        /// The server and its arguments
        #[arg(required = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// List, show and delete recorded sessions
    Sessions {
        #[command(subcommand)]
        command: Option<SessionsCommand>,
    },
}

/// What can be done with sessions. Each is named by its id, the beginning of it, or `latest`.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// List them, the newest first
    List,
    /// Show the frames of one
    Show {
        /// Its id, the beginning of it, or `latest`
        session: String,
    },
    /// Print a frame exactly as it went over the wire; on a terminal, control characters are shown
    Frame {
        /// The session's id, the beginning of it, or `latest`
        session: String,
        /// The frame
        number: u64,
    },
    /// Delete one
    Delete {
        /// Its id, the beginning of it, or `latest`
        session: String,
    },
}
