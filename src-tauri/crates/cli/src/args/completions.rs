//! What `jack completions` can be told.

use clap::Args;

use crate::complete::Shell;

pub(super) const EXAMPLES: &str = "\
The script asks jack itself, so it knows each workload's components, functions and flags.

Examples:
  jack completions bash > ~/.local/share/bash-completion/completions/jack
  jack completions fish > ~/.config/fish/completions/jack.fish
  source <(jack completions bash)     # in ~/.bashrc
  source <(jack completions zsh)      # in ~/.zshrc, behind compinit";

/// What a script asks.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The shell that asks
    pub(crate) shell: Shell,
    /// The words so far
    #[arg(last = true)]
    pub(crate) words: Vec<String>,
}
