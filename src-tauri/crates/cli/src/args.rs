//! What the command line can say.

mod edit;
mod library;
mod mcp;
mod trace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

pub(crate) use edit::{EditCommand, Values};
pub(crate) use library::{LibraryCommand, Wire};
pub(crate) use mcp::{McpCommand, SessionsCommand};
pub(crate) use trace::TraceCommand;

const EXAMPLES: &str = "\
Examples:
  jack inspect samples/calculator/square.wasm
  jack plan samples/cron/workload.toml
  jack plan samples/cron/workload.toml --dot | dot -Tsvg > cron.svg
  jack up samples/cron/workload.toml --for 5s
  jack call samples/calculator/workload.toml hypotenuse hypotenuse 3 4
  jack edit workload.toml add oci://samples/square:0.1.0
  jack library list exports:math:ops

Results and components' lines go to standard output, everything else to standard error.
With --json, a command that fails prints {\"error\": {kind, message, help, problems, diagnostics}}.
The exit code is 0 on success, 1 on failure, 2 if the arguments are wrong.";

const INSPECT_EXAMPLES: &str = "\
Examples:
  jack inspect square.wasm
  jack inspect square.wasm --json | jq '.ports[].name'
  jack inspect square.wasm --wit > square.wit";

const PLAN_EXAMPLES: &str = "\
The exit code is 1 if the workload cannot run as it is.

Examples:
  jack plan workload.toml
  jack plan workload.toml --json | jq '.diagnostics'
  jack plan workload.toml --dot | dot -Tsvg > workload.svg";

const UP_EXAMPLES: &str = "\
Each line of output is time, component, stream and text. With --json, each line is one event:
{\"opened\": …}, {\"state\": …}, {\"listening\": …}, {\"denied\": …}, {\"logs\": […]}, or {\"skipped\": N} for N lines that are lost.
Ctrl-C stops the workload; a second Ctrl-C ends jack at once.

Examples:
  jack up workload.toml
  jack up workload.toml --for 500ms
  echo hello | jack up workload.toml
  jack up workload.toml --pull
  jack up workload.toml --json | jq -r '.logs[]?.text'";

const CALL_EXAMPLES: &str = "\
Arguments are values in WAVE: 3, -0.5, true, \"text\", [1, 2], {x: 1, y: 2}, some(1), ok(\"done\").
The result is printed in WAVE on standard output; what components print goes to standard error.

Examples:
  jack call workload.toml hypotenuse hypotenuse 3 4
  jack call workload.toml hypotenuse math:ops/hypotenuse#hypotenuse -3 -4
  jack call workload.toml hypotenuse hypotenuse 3 4 --trace
  jack call workload.toml greeter greet '\"world\"' --json";

/// Look into WebAssembly components, link them into workloads, run them.
#[derive(Debug, Parser)]
#[command(name = "jack", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Args {
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to use colour; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// What the process was told. Ends the process where that makes no sense, or asks for help.
    pub(crate) fn of_this_process() -> Self {
        Self::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    fn read(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let args = Self::try_parse_from(words)?;
        // clap's own rule for conflicts does not see a global option that stands before the subcommand.
        if args.json && matches!(args.command, Command::Plan { dot: true, .. }) {
            let message = "--json and --dot are two forms of the same plan: choose one";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        Ok(args)
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a component imports and exports, and where it came from
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect {
        /// The component binary
        file: PathBuf,
        /// Print its world and interfaces as WIT instead
        #[arg(long)]
        wit: bool,
    },
    /// Show how a workload's components are linked, and why, without running it
    #[command(after_help = PLAN_EXAMPLES)]
    Plan {
        #[command(flatten)]
        workload: WorkloadArgs,
        /// Print the graph in Graphviz's language instead
        #[arg(long)]
        dot: bool,
    },
    /// Run a workload and show what its components print
    #[command(after_help = UP_EXAMPLES)]
    Up {
        #[command(flatten)]
        workload: WorkloadArgs,
        /// Stop once it has run this long: 500ms, 5s, 1m, 1m30s
        #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
        limit: Option<Duration>,
        /// Let the service read from this terminal; what is piped into jack it reads anyway
        #[arg(long)]
        stdin: bool,
    },
    /// Call a function of a component, and show what it returns
    #[command(after_help = CALL_EXAMPLES)]
    Call {
        #[command(flatten)]
        workload: WorkloadArgs,
        /// The component's name in the workload
        component: String,
        /// The function: NAME, INTERFACE#NAME, or the full ns:pkg/interface@version#NAME
        function: String,
        /// Show which calls between components it caused, with their values and times
        #[arg(long)]
        trace: bool,
        /// One WAVE value for each parameter; put `--` before values that look like options (-inf)
        #[arg(allow_negative_numbers = true)]
        args: Vec<String>,
    },
    /// Make an empty workload file
    #[command(after_help = edit::NEW_EXAMPLES)]
    New {
        /// The file, which must not be there yet, or a folder that is to hold a workload.toml
        file: PathBuf,
        /// The workload's name; that of the file or its folder, if nothing is said
        #[arg(long)]
        name: Option<String>,
    },
    /// Change a workload file, and show which links that changes
    #[command(after_help = edit::EXAMPLES)]
    Edit {
        #[command(flatten)]
        workload: WorkloadArgs,
        #[command(subcommand)]
        command: EditCommand,
    },
    /// Keep components on this machine, and exchange them with OCI registries
    #[command(after_help = library::EXAMPLES)]
    Library {
        #[command(subcommand)]
        command: LibraryCommand,
    },
    /// Look at recorded traces, and give them to other programs
    #[command(after_help = trace::EXAMPLES)]
    Trace {
        #[command(subcommand)]
        command: TraceCommand,
    },
    /// Talk to MCP servers, serve a workload as one, and look at recorded sessions
    #[command(after_help = mcp::EXAMPLES)]
    Mcp {
        #[command(subcommand)]
        command: McpCommand,
    },
}

/// Which workload, and what may be done to have all of it.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkloadArgs {
    /// The workload file, or a folder that holds a workload.toml
    #[arg(value_name = "WORKLOAD")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
}

/// What may be done about components that are missing.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Fetch {
    /// Pull components that are not in the library yet, and go on
    // Global, so that it can also stand at the end of `jack edit FILE COMMAND`.
    #[arg(long, global = true)]
    pub(crate) pull: bool,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = jiff::SignedDuration::from_str(text)
        .map_err(|_| "write a number and its unit, like 500ms, 5s, 1m or 1m30s".to_owned())?;
    Duration::try_from(duration).map_err(|_| "it must not be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::read(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn arguments_of_a_call_may_be_negative_and_options_may_follow_them() {
        let args = parse("jack call w c f -3 -0.5e3 --json").expect("parses");
        assert!(args.json);
        let Command::Call { args, .. } = args.command else { panic!("a call") };
        assert_eq!(args, ["-3", "-0.5e3"]);
    }

    #[test]
    fn after_two_dashes_everything_is_an_argument() {
        let args = parse("jack call w c f -- --json -inf").expect("parses");
        assert!(!args.json);
        let Command::Call { args, .. } = args.command else { panic!("a call") };
        assert_eq!(args, ["--json", "-inf"]);
    }

    #[test]
    fn durations_have_units() {
        for (text, millis) in [("500ms", 500), ("5s", 5_000), ("1m", 60_000), ("1m30s", 90_000), ("0s", 0)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "s", "-5s", "5 parsecs", "99999999999999999999s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_alias_is_given_or_taken_away() {
        for line in ["jack library alias a b", "jack library alias --remove a"] {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in ["jack library alias", "jack library alias a", "jack library alias --remove a b"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_graph_is_either_json_or_dot() {
        assert!(parse("jack plan w --dot --json").is_err());
        assert!(parse("jack --json plan w --dot").is_err());
        assert!(parse("jack plan w --dot").is_ok());
    }
}
