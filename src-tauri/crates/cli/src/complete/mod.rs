//! Completion of command lines: what could stand where the cursor is.
//!
//! The scripts that a shell loads know nothing but how to ask: `jack __complete`, with the words so far. The
//! answer is made from clap's own definition of the commands, and of a workload's components and their functions,
//! which takes reading the workload and neither compiling nor starting anything. Whatever goes wrong on the way,
//! the answer is that there is nothing to offer: a shell that completes is no place for errors.
//!
//! | module | what it is for |
//! |---|---|
//! | `line` | from a line of bash to words |
//! | `place` | where in the command's definition the cursor is |
//! | `files` | files and folders |
//! | `workload` | components, links, functions and their flags |

mod files;
mod line;
mod place;
mod workload;

use clap::{Arg, Command, CommandFactory as _, ValueEnum, ValueHint};

use crate::args::Args;
use place::{Place, Wanted};

/// The shells that there are scripts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// What the shell has to load.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("jack.bash"),
            Self::Zsh => include_str!("jack.zsh"),
            Self::Fish => include_str!("jack.fish"),
        }
    }
}

/// Something that could stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    text: String,
    about: Option<String>,
}

impl Candidate {
    fn new(text: impl Into<String>, about: Option<&str>) -> Self {
        let about = about.and_then(|about| about.lines().next()).map(str::to_owned);
        Self { text: text.into(), about }
    }
}

/// What could stand there, and whether they are files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Offer {
    candidates: Vec<Candidate>,
    are_files: bool,
}

impl From<Vec<Candidate>> for Offer {
    fn from(candidates: Vec<Candidate>) -> Self {
        Self { candidates, are_files: false }
    }
}

/// The answer to a shell: a line that says `files` or `words`, and one for each candidate: it, a tab, what it is.
/// `words` are those behind the program's name up to the cursor; for bash, the line up to there, and as much of its
/// last word as bash takes for the word.
pub(crate) async fn answer(shell: Shell, words: &[String]) -> String {
    let (words, cut) = match (shell, words) {
        (Shell::Bash, [line, current]) => {
            let words: Vec<String> = line::words(line).into_iter().skip(1).collect();
            // bash ends words at `:` and `=`, and wants only what is behind.
            let cut = words.last().and_then(|word| word.strip_suffix(current.as_str())).map_or(0, str::len);
            (words, cut)
        }
        (_, words) => (words.to_vec(), 0),
    };
    let offer = offer(&words).await;
    let mut text = String::from(if offer.are_files { "files\n" } else { "words\n" });
    for Candidate { text: candidate, about } in &offer.candidates {
        let rest = candidate.get(cut..).unwrap_or_default();
        // A name with a control character in it is not offered: no shell could take it from a line.
        if rest.is_empty() || rest.chars().any(char::is_control) {
            continue;
        }
        let about = about.as_deref().map(crate::sanitize::line).filter(|_| shell != Shell::Bash);
        match about {
            Some(about) => text.push_str(&format!("{rest}\t{about}\n")),
            None => text.push_str(&format!("{rest}\n")),
        }
    }
    text
}

async fn offer(words: &[String]) -> Offer {
    let mut root = Args::command();
    root.build();
    let Some((current, before)) = words.split_last() else { return Offer::default() };
    let place = Place::find(&root, before, current);
    let mut offer = match &place.wanted {
        Wanted::Option => Offer::from(options(&place).await),
        Wanted::ValueOf(arg) => value_of(arg, &place, &place.current).await,
        Wanted::FunctionValue(flag) => workload::values(&place, flag, &place.current).await,
        Wanted::Word => word(&place).await,
    };
    offer.candidates.retain(|candidate| candidate.text.starts_with(&place.current));
    for candidate in &mut offer.candidates {
        candidate.text.insert_str(0, &place.prefix);
    }
    offer
}

async fn options(place: &Place<'_>) -> Vec<Candidate> {
    let own = place.command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut candidates: Vec<Candidate> = own
        .filter_map(|arg| {
            let about = arg.get_help().map(ToString::to_string);
            Some(Candidate::new(format!("--{}", arg.get_long()?), about.as_deref()))
        })
        .collect();
    if place.is_call() {
        candidates.splice(0..0, workload::flags(place).await);
    }
    candidates
}

/// A subcommand, or the next of the command's own words.
async fn word(place: &Place<'_>) -> Offer {
    match place.positional() {
        Some(arg) => value_of(arg, place, &place.current).await,
        None => Offer::from(subcommands(place.command)),
    }
}

fn subcommands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown
        .map(|command| {
            let about = command.get_about().map(ToString::to_string);
            Candidate::new(command.get_name(), about.as_deref())
        })
        .collect()
}

async fn value_of(arg: &Arg, place: &Place<'_>, current: &str) -> Offer {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let shown = possible.iter().filter(|value| !value.is_hide_set());
        let candidates = shown.map(|value| {
            let about = value.get_help().map(ToString::to_string);
            Candidate::new(value.get_name(), about.as_deref())
        });
        return Offer::from(candidates.collect::<Vec<_>>());
    }
    let name = arg.get_value_names().and_then(<[_]>::first).map(clap::builder::Str::as_str);
    match (arg.get_id().as_str(), name) {
        (_, Some("WORKLOAD")) => files::with_ending(current, ".toml"),
        ("component" | "consumer", _) if !place.is_library() => {
            Offer::from(workload::components(place).await)
        }
        ("breaks" | "delays" | "fails", _) => Offer::from(workload::links(place).await),
        ("named", _) if place.is_call() => Offer::from(workload::named(place).await),
        ("function", _) => Offer::from(workload::functions(place).await),
        ("words", _) if place.is_call() => workload::positional_value(place).await,
        (_, Some("FILE")) => files::with_ending(current, ""),
        _ if matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath) => {
            files::with_ending(current, "")
        }
        _ => Offer::default(),
    }
}
