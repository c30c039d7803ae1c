//! Where in the definition of the commands the cursor is.

use clap::{Arg, ArgAction, Command};

/// What could stand at the cursor.
pub(super) enum Wanted<'a> {
    /// An option.
    Option,
    /// The value of an option of jack.
    ValueOf(&'a Arg),
    /// The value of a flag that may be the called function's.
    FunctionValue(String),
    /// A subcommand, or the next word of the command.
    Word,
}

/// The words before the cursor, understood.
pub(super) struct Place<'a> {
    /// The command that they lead to.
    pub(super) command: &'a Command,
    /// Its name with those above it.
    path: Vec<&'a str>,
    /// The words that are neither options nor their values.
    pub(super) words: Vec<String>,
    /// How many of them were before the last subcommand's name.
    words_above: usize,
    /// What is wanted.
    pub(super) wanted: Wanted<'a>,
    /// What stands at the cursor already,
    pub(super) current: String,
    /// and what stands before it in the same word, `--option=`.
    pub(super) prefix: String,
}

impl<'a> Place<'a> {
    pub(super) fn find(root: &'a Command, before: &[String], current: &str) -> Self {
        let mut place = Self {
            command: root,
            path: Vec::new(),
            words: Vec::new(),
            words_above: 0,
            wanted: Wanted::Word,
            current: current.to_owned(),
            prefix: String::new(),
        };
        let mut only_values = false;
        let mut before = before.iter().peekable();
        while let Some(word) = before.next() {
            match word.strip_prefix("--") {
                Some("") if !only_values => only_values = true,
                Some(name) if !only_values => {
                    let is_last = before.peek().is_none();
                    let wanted = if name.contains('=') { None } else { place.value_wanted(name) };
                    match wanted {
                        Some(wanted) if is_last => place.wanted = wanted,
                        Some(Wanted::ValueOf(_)) => {
                            before.next();
                        }
                        _ => {}
                    }
                }
                _ if word.starts_with('-') && !only_values && word.len() > 1 => {}
                _ => place.step(word),
            }
        }
        if only_values {
            place.wanted = Wanted::Word;
        } else if matches!(place.wanted, Wanted::Word) && current.starts_with('-') {
            place.option(current);
        }
        place
    }

    /// The word at the cursor is an option, or an option and its value.
    fn option(&mut self, current: &str) {
        self.wanted = Wanted::Option;
        if let Some((name, value)) = current.strip_prefix("--").and_then(|flag| flag.split_once('=')) {
            self.prefix = format!("--{name}=");
            self.current = value.to_owned();
            let own = self.own_option(name).map(Wanted::ValueOf);
            self.wanted = own.unwrap_or_else(|| Wanted::FunctionValue(name.to_owned()));
        }
    }

    /// What the word behind an option is, if it is the option's.
    fn value_wanted(&self, name: &str) -> Option<Wanted<'a>> {
        match self.own_option(name) {
            Some(arg) => {
                let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
                (takes_value && !arg.is_require_equals_set()).then_some(Wanted::ValueOf(arg))
            }
            None => self.is_call().then(|| Wanted::FunctionValue(name.to_owned())),
        }
    }

    fn own_option(&self, name: &str) -> Option<&'a Arg> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name))
    }

    fn step(&mut self, word: &str) {
        let is_for_subcommand = self.positional().is_none();
        match self.command.find_subcommand(word).filter(|_| is_for_subcommand) {
            Some(command) => {
                self.command = command;
                self.path.push(command.get_name());
                self.words_above = self.words.len();
            }
            None => self.words.push(word.to_owned()),
        }
    }

    /// Which of the command's words comes next.
    pub(super) fn positional(&self) -> Option<&'a Arg> {
        let mut all = self.command.get_positionals();
        let index = self.words.len() - self.words_above;
        all.nth(index).or_else(|| {
            let last = self.command.get_positionals().last()?;
            last.get_num_args().is_some_and(|count| count.max_values() > 1).then_some(last)
        })
    }

    /// Whether the command is `jack call`.
    pub(super) fn is_call(&self) -> bool {
        self.path == ["call"]
    }

    /// Whether the command is of the library, where components are of no workload.
    pub(super) fn is_library(&self) -> bool {
        self.path.first() == Some(&"library")
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Args;

    /// What is wanted at the end of a line, in words.
    fn wanted(line: &str) -> String {
        let mut root = Args::command();
        root.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (current, before) = words.split_last().expect("a word");
        let place = Place::find(&root, before, current);
        match &place.wanted {
            Wanted::Option => format!("option of {}", place.command.get_name()),
            Wanted::ValueOf(arg) => format!("value of {}", arg.get_id()),
            Wanted::FunctionValue(flag) => format!("value of the function's {flag}"),
            Wanted::Word => match place.positional() {
                Some(arg) => format!("{}", arg.get_id()),
                None => format!("command of {}", place.command.get_name()),
            },
        }
    }

    #[test]
    fn the_words_before_say_what_is_wanted() {
        for (line, expected) in [
            ("", "command of jack"),
            ("--json pl", "command of jack"),
            ("--color ", "value of color"),
            ("--color=", "value of color"),
            ("plan ", "path"),
            ("plan --", "option of plan"),
            ("up w --for ", "value of limit"),
            ("edit w ", "command of edit"),
            ("library pull ", "reference"),
            ("call --json w ", "component"),
            ("call w c ", "function"),
            ("call w c f ", "words"),
            ("call w c f 1 ", "words"),
            ("call w c f --a ", "value of the function's a"),
            ("call w c f --a 3 --", "option of call"),
            ("call w c f --a=", "value of the function's a"),
            ("call w c f -- --", "words"),
        ] {
            let found = wanted(line);
            let is_as_expected = found == expected;
            assert!(is_as_expected, "`{line}`: {found}");
        }
    }
}
