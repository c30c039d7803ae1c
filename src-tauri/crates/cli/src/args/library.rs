//! What `jack library` can be told.

use std::path::PathBuf;

use clap::Subcommand;

pub(super) const EXAMPLES: &str = "\
The library holds components on this machine, under references and aliases, in the user's data
folder or the folder that JACKFIELD_DATA names. A workload file's `source` may be any of its names.

Examples:
  jack library list exports:math:ops
  jack library pull oci://ghcr.io/acme/square:1.0
  jack library alias square oci://ghcr.io/acme/square:1.0";

const ADD_EXAMPLES: &str = "\
The library keeps a copy: the file may change or go away.

Examples:
  jack library add ./square.wasm
  jack library add ./target/wasm32-wasip2/release/square.wasm --alias my-square";

const LIST_EXAMPLES: &str = "\
All words of the query must fit. `exports:` and `imports:` look at interfaces and functions, with
a version or without; other words look at names, titles and descriptions.

Examples:
  jack library list
  jack library list square
  jack library list exports:math:ops/square imports:wasi:cli
  jack library list --json | jq -r '.entries[].versions[].source'";

const SHOW_EXAMPLES: &str = "\
Examples:
  jack library show oci://samples/square:0.1.0
  jack library show my-square --json | jq '.aliases'";

const PULL_EXAMPLES: &str = "\
What is pulled once opens without a network. Credentials are those of `docker login`.
Ctrl-C gives it up.

Examples:
  jack library pull oci://ghcr.io/acme/square:1.0
  jack library pull oci://localhost:5000/acme/square";

const PUSH_EXAMPLES: &str = "\
Credentials are those of `docker login`. Ctrl-C gives it up.

Examples:
  jack library push ./square.wasm oci://localhost:5000/acme/square:1.0
  jack library push my-square oci://ghcr.io/acme/square:1.1";

const ALIAS_EXAMPLES: &str = "\
An alias of a reference follows it: when the tag is pulled again, it means the new component.

Examples:
  jack library alias square oci://ghcr.io/acme/square:1.0
  jack library alias --remove square";

const TAGS_EXAMPLES: &str = "\
Examples:
  jack library tags oci://ghcr.io/acme/square";

#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Store a component file under a name
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// The component binary
        file: PathBuf,
        /// Its name in the library; that of the file, if nothing is said
        #[arg(long, value_name = "NAME")]
        alias: Option<String>,
    },
    /// List the components that fit a query, or all
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Words, exports:NAME, imports:NAME
        query: Vec<String>,
    },
    /// Show a component, and what else it is called
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// An alias, an oci:// reference or a file
        source: String,
    },
    /// Fetch a component from a registry
    #[command(after_help = PULL_EXAMPLES)]
    Pull {
        /// oci://HOST/REPOSITORY:TAG, or with @sha256:DIGEST
        reference: String,
        #[command(flatten)]
        wire: Wire,
    },
    /// Send a component to a registry
    #[command(after_help = PUSH_EXAMPLES)]
    Push {
        /// What to send: an alias, an oci:// reference or a file
        source: String,
        /// Where to: oci://HOST/REPOSITORY:TAG
        reference: String,
        #[command(flatten)]
        wire: Wire,
    },
    /// Give a component another name, or take a name away
    #[command(after_help = ALIAS_EXAMPLES)]
    Alias {
        /// The new name
        #[arg(required_unless_present = "remove", requires = "source")]
        name: Option<String>,
        /// What it means: an alias, an oci:// reference or a file
        source: Option<String>,
        /// Take this name away; the component stays while it has others
        #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "source"])]
        remove: Option<String>,
    },
    /// List the tags of a repository
    #[command(after_help = TAGS_EXAMPLES)]
    Tags {
        /// oci://HOST/REPOSITORY
        reference: String,
        #[command(flatten)]
        wire: Wire,
    },
}

/// How to speak to a registry.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Wire {
    /// Allow plain HTTP, which others on the network can read and change; loopback may have it anyway
    #[arg(long)]
    pub(crate) plain_http: bool,
}
