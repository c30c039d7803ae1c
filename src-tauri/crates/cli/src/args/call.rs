//! What `jack call` can be told: options of its own, and words that belong to the function.
//!
//! A function's parameters are flags, and which there are is only known once its component was read. So the
//! words of a call are put in order before they are read: jack's own options first, wherever they stand, and
//! behind `--` what is the function's, untouched.

use std::ffi::OsString;

use clap::{ArgAction, Command, ValueEnum};

use super::{Interventions, WorkloadArgs};

pub(super) const EXAMPLES: &str = "\
Every parameter of the function is a flag; values may also stand by themselves, in the order of the parameters.
A value is written in WAVE (3, -0.5, true, \"text\", [1, 2], {x: 1, y: 2}, some(1), ok(\"done\")) or in JSON. A string
needs no quotes, and a flag of a list may be repeated. An option that is left out is none. A bool is false when it
is left out; --NAME alone is true, --no-NAME false, and either may stand beside values.
`@FILE` is the content of a file, and `-` what standard input says: as it is where the type is string or list<u8>,
read as JSON or WAVE for all others. Text that begins so stands in quotes of its own.
`jack call WORKLOAD COMPONENT --help` lists the functions, and with a FUNCTION shows what it takes.
The result is printed in WAVE on standard output; what components print goes to standard error.
With --trace, what was printed below the call stands in its place in the tree, unless --break holds calls. With
--json, too, \"trace\" is the whole trace; of a call that fails it stands beside \"error\".
What LINK means, and what can be said at a breakpoint, is in `jack up --help`.
Ctrl-C cancels the call, also one that is held, and shows its trace; the exit code is 130 then. A second one ends jack.

Examples:
  jack call workload.toml hypotenuse --help
  jack call workload.toml hypotenuse hypotenuse --help
  jack call workload.toml hypotenuse hypotenuse --a 3 --b 4
  jack call workload.toml hypotenuse math:ops/hypotenuse#hypotenuse -3 -4
  jack call workload.toml hypotenuse hypotenuse 3 4 --trace
  jack call workload.toml hypotenuse hypotenuse 3 4 --trace --break square
  jack call workload.toml greeter greet --name world --json
  jack call workload.toml plotter draw --point '{\"x\": 1, \"y\": 2}' --output json";

/// How many words stand before the function's own: workload, component, function.
const OWN_POSITIONALS: usize = 3;

/// The flag that stands for `--help` once it is known what to explain.
const EXPLAIN: &str = "--explain-function";

/// A call.
#[derive(Debug, clap::Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) workload: WorkloadArgs,
    /// The component's name in the workload
    pub(crate) component: String,
    /// The function: NAME, INTERFACE#NAME, or the full ns:pkg/interface@version#NAME
    #[arg(required_unless_present = "explain")]
    pub(crate) function: Option<String>,
    /// The form in which the result is printed; WAVE if nothing is said
    #[arg(long, value_name = "FORM")]
    pub(crate) output: Option<Form>,
    /// Show which calls between components it caused, with their values and times
    #[arg(long)]
    pub(crate) trace: bool,
    /// Show the trace's lines whole, however long they are
    #[arg(long, requires = "trace")]
    pub(crate) wide: bool,
    #[command(flatten)]
    pub(crate) interventions: Interventions,
    /// A parameter's value, for a parameter that is called like one of jack's own options
    #[arg(long = "arg", value_name = "NAME=VALUE")]
    pub(crate) named: Vec<String>,
    /// What `--help` became.
    #[arg(long = "explain-function", hide = true)]
    pub(crate) explain: bool,
    /// The function's flags, or one value for each parameter; behind `--` everything is a value
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub(crate) words: Vec<String>,
}

/// In which form a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// As people read it: strings without quotes, the items of a list on lines of their own
    Text,
    /// As JSON
    Json,
    /// As WAVE, which can be an argument again
    Wave,
}

/// Puts the words of a command line in order, if it is a call.
pub(super) fn rearrange(words: Vec<OsString>, root: &Command) -> Vec<OsString> {
    let Some(start) = command_at(&words, root).filter(|at| words.get(*at).is_some_and(|word| word == "call"))
    else {
        return words;
    };
    let Some(call) = root.find_subcommand("call") else { return words };
    let mut words = words;
    let rest = words.split_off(start + 1);
    let mut sorted = Sorted::default();
    sorted.take(rest, &|name| own_option(name, call).or_else(|| own_option(name, root)));
    words.extend(sorted.into_words());
    words
}

/// Where the command's name stands.
fn command_at(words: &[OsString], root: &Command) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at).and_then(|word| word.to_str())
        && word.starts_with('-')
    {
        let takes_next = word.strip_prefix("--").and_then(|name| own_option(name, root)) == Some(true);
        at += if takes_next { 2 } else { 1 };
    }
    words.get(at).map(|_| at)
}

/// Whether there is a long option of this name, and if so, whether it takes the next word as its value.
fn own_option(name: &str, command: &Command) -> Option<bool> {
    let found = command.get_arguments().find(|arg| arg.get_long() == Some(name))?;
    let takes_value = matches!(found.get_action(), ArgAction::Set | ArgAction::Append);
    Some(takes_value && !found.is_require_equals_set())
}

/// The words of a call, by whose they are.
#[derive(Default)]
struct Sorted {
    own: Vec<OsString>,
    positionals: usize,
    wants_help: bool,
    of_function: Vec<OsString>,
}

impl Sorted {
    fn take(&mut self, words: Vec<OsString>, own_option: &dyn Fn(&str) -> Option<bool>) {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let text = word.to_str().unwrap_or_default();
            let long =
                text.strip_prefix("--").map(|name| name.split_once('=').map_or(name, |(name, _)| name));
            let is_before_function = self.positionals < OWN_POSITIONALS;
            match long {
                Some("") if text == "--" => return self.take_values(words),
                Some("help") => self.wants_help = true,
                None if text == "-h" => self.wants_help = true,
                Some(name) if own_option(name).is_some() => {
                    let takes_next = own_option(name) == Some(true) && !text.contains('=');
                    self.own.push(word);
                    if takes_next {
                        self.own.extend(words.next());
                    }
                }
                // clap says what is wrong with it.
                _ if text.starts_with('-') && is_before_function => self.own.push(word),
                _ if is_before_function => {
                    self.positionals += 1;
                    self.own.push(word);
                }
                _ => self.of_function.push(word),
            }
        }
    }

    /// Behind `--` nothing is an option.
    fn take_values(&mut self, mut words: impl Iterator<Item = OsString>) {
        while self.positionals < OWN_POSITIONALS {
            let Some(word) = words.next() else { return };
            self.positionals += 1;
            self.own.push(word);
        }
        self.of_function.push("--".into());
        self.of_function.extend(words);
    }

    fn into_words(mut self) -> Vec<OsString> {
        if self.wants_help {
            let is_known_what = self.positionals + 1 >= OWN_POSITIONALS;
            self.own.push(if is_known_what { EXPLAIN } else { "--help" }.into());
        }
        if !self.of_function.is_empty() {
            self.own.push("--".into());
            self.own.append(&mut self.of_function);
        }
        self.own
    }
}
