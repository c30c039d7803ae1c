//! What the command line can say.

mod call;
mod completions;
mod edit;
mod export;
mod library;
mod mcp;
mod observe;
mod trace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

pub(crate) use call::{CallArgs, Form};
pub(crate) use completions::Ask;
pub(crate) use edit::{EditCommand, Values};
pub(crate) use export::{ExportArgs, ImportArgs};
pub(crate) use library::{LibraryCommand, Wire};
pub(crate) use mcp::{McpCommand, SessionsCommand};
pub(crate) use observe::{Interventions, TraceLevel};
pub(crate) use trace::TraceCommand;

use crate::complete::Shell;

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
With --json, a command that fails prints {\"error\": {kind, message, help, problems, diagnostics}}; a traced call,
\"trace\" beside it.
The exit code is 0 on success, 1 on failure, 2 if the arguments are wrong, 130 after Ctrl-C. `jack up` exits as the
service does: its --help says more.";

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
{\"opened\": …}, {\"state\": …}, {\"listening\": …}, {\"denied\": …}, {\"logs\": […]}, {\"skipped\": N} for N lines that are lost,
{\"trace\": …}, {\"held\": …} or {\"released\": …}.
LINK is CONSUMER/IMPORT or CONSUMER->PROVIDER, as `jack plan` shows them, or as much of it as means one link:
hypotenuse/math:ops/square, hypotenuse->square, math:ops/square, square. Behind a colon stands one function.
--break holds calls over a link and asks how they go on: `c` continues, `a VALUE` answers with the value, `s NAME=VALUE`
sets an argument, `f MESSAGE` fails the call, `q` quits. What is piped into jack is read as such commands then, line by line.
With --trace, what was printed below a call stands in its place in the tree, unless the call takes longer than a
moment, or --break holds calls: then it is shown as it comes.
Ctrl-C stops the workload; a second Ctrl-C ends jack at once.

The exit code is that of the service: what it exits with, 1 if its `run` returns an error, and 0 if it completes, or
the workload is stopped by Ctrl-C, `q` or --for. It is 134 if the service traps or runs into a limit, and 125 if
the workload cannot be started or followed.

Examples:
  jack up workload.toml
  jack up workload.toml --for 500ms
  echo hello | jack up workload.toml
  jack up workload.toml --pull
  jack up workload.toml --trace
  jack up workload.toml --trace=timing --record calls.traces
  jack up workload.toml --break 'square if args.x > 3'
  jack up workload.toml --delay square=100..300 --fail 'root@10'
  jack up workload.toml --json | jq -r '.logs[]?.text'";

const SESSION_EXAMPLES: &str = "\
A line is a call: FUNCTION(ARGUMENT, …), with values in WAVE. Resources that a call gives are handles, #1 and
so on, which later calls can be given. :handles lists them, :drop #1 drops one, :quit ends the session.
Results go to standard output. A call that fails ends the session; the exit code is 1 if anything failed,
and 130 if Ctrl-C ended the session while it waited for a line.

Examples:
  jack session workload.toml cache
  printf 'bucket(10)\\nbucket.size(#1)\\n' | jack session workload.toml cache";

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

    fn read(words: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Self, clap::Error> {
        let words = words.into_iter().map(Into::into).collect();
        let args = Self::try_parse_from(call::rearrange(words, &Self::command()))?;
        // clap's own rule for conflicts does not see a global option that stands before the subcommand.
        if args.json && matches!(args.command, Command::Plan { dot: true, .. }) {
            let message = "--json and --dot are two forms of the same plan: choose one";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        if let Command::Call(CallArgs { output: Some(_), .. }) = &args.command
            && args.json
        {
            let message = "--json prints all that came of the call, --output its result alone: choose one";
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
        #[arg(long, conflicts_with = "breaks")]
        stdin: bool,
        /// Show each call into the workload, and the calls below, when it has ended
        #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "values")]
        trace: Option<TraceLevel>,
        /// Show the traces' lines whole, however long they are
        #[arg(long, requires = "trace")]
        wide: bool,
        #[command(flatten)]
        interventions: Interventions,
    },
    /// Call a function of a component, and show what it returns
    #[command(after_help = call::EXAMPLES)]
    Call(CallArgs),
    /// Call functions of one instance of a component, one on each line of standard input
    #[command(after_help = SESSION_EXAMPLES)]
    Session {
        #[command(flatten)]
        workload: WorkloadArgs,
        /// The component's name in the workload
        component: String,
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
    /// Make of a workload what wasmtime, wac or wasmCloud take
    #[command(after_help = export::EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Make a workload file of a manifest for wasmCloud
    #[command(after_help = export::IMPORT_EXAMPLES)]
    Import(ImportArgs),
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
    /// Print a script that completes command lines of jack in a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Says what could stand at the cursor.
    #[command(name = "__complete", hide = true)]
    Complete(Ask),
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

    fn parse_call(line: &str) -> (bool, CallArgs) {
        let args = parse(line).expect(line);
        let Command::Call(call) = args.command else { panic!("{line}: a call") };
        (args.json, call)
    }

    #[test]
    fn what_is_not_an_option_of_jack_is_the_functions() {
        for line in [
            "jack call w c f -3 --b -0.5e3 --json",
            "jack call --json w c f -3 --b -0.5e3",
            "jack --json call w c --output wave f -3 --b -0.5e3",
            "jack --color never call w --json c f -3 --b --trace -0.5e3",
        ] {
            let (json, call) = parse_call(&line.replace("--output wave ", ""));
            assert!(json, "{line}");
            assert_eq!(call.words, ["-3", "--b", "-0.5e3"], "{line}");
            assert_eq!((call.component.as_str(), call.function.as_deref()), ("c", Some("f")), "{line}");
        }
        let (_, call) = parse_call("jack call w c f --output json --x");
        assert_eq!((call.output, call.words), (Some(Form::Json), vec!["--x".to_owned()]));
    }

    #[test]
    fn a_result_has_one_form() {
        for line in ["jack --json call w c f --output wave", "jack call w c f --output text --json"] {
            assert_eq!(parse(line).unwrap_err().kind(), ErrorKind::ArgumentConflict, "{line}");
        }
        assert!(parse("jack call w c f --output xml").is_err());
    }

    #[test]
    fn what_is_observed_is_told_in_one_word() {
        for (line, level) in [
            ("jack up w --trace", Some(TraceLevel::Values)),
            ("jack up --trace w", Some(TraceLevel::Values)),
            ("jack up w --trace=timing --wide", Some(TraceLevel::Timing)),
            ("jack up w", None),
        ] {
            let Command::Up { trace, .. } = parse(line).expect(line).command else { panic!("{line}: up") };
            assert_eq!(trace, level, "{line}");
        }
        for line in ["jack up w --wide", "jack up w --trace=all", "jack up w --stdin --break a"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn after_two_dashes_everything_is_a_value() {
        let (json, call) = parse_call("jack call w c f -- --json -inf --help");
        assert!(!json && !call.explain);
        assert_eq!(call.words, ["--", "--json", "-inf", "--help"]);
    }

    #[test]
    fn help_explains_as_much_as_was_said() {
        for line in ["jack call w c --help", "jack call -h w c f", "jack call w c f --a 3 --help"] {
            assert!(parse_call(line).1.explain, "{line}");
        }
        for line in ["jack call --help", "jack call w --help"] {
            assert_eq!(parse(line).unwrap_err().kind(), ErrorKind::DisplayHelp, "{line}");
        }
        assert_eq!(parse("jack call w c").unwrap_err().kind(), ErrorKind::MissingRequiredArgument);
        assert_eq!(parse("jack call w --unknown c f").unwrap_err().kind(), ErrorKind::UnknownArgument);
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
