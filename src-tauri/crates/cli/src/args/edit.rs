//! What `jack new` and `jack edit` can be told.

use clap::{ArgGroup, Subcommand};

pub(super) const NEW_EXAMPLES: &str = "\
Examples:
  jack new workload.toml --name pythagoras
  jack edit workload.toml add oci://samples/hypotenuse:0.1.0";

pub(super) const EXAMPLES: &str = "\
Comments, order and spacing of the file stay as they are. A change that would leave a file with
problems changes nothing. `jack plan` shows the whole plan.

Examples:
  jack edit workload.toml add ./square.wasm
  jack edit workload.toml add oci://samples/square-root:0.1.0 --name root
  jack edit workload.toml rename root square-root
  jack edit workload.toml link hypotenuse math:ops/square square
  jack edit workload.toml link hypotenuse math:ops/square --auto
  jack edit workload.toml answer hypotenuse math:ops/square square 9
  jack edit workload.toml service ticker
  jack edit workload.toml env ticker INTERVAL_MILLIS=500 --unset LOG
  jack edit workload.toml limits square --memory 64MiB --time 10s
  jack edit workload.toml set-source square oci://samples/square:0.1.0
  jack edit workload.toml remove square square-root";

#[derive(Debug, Subcommand)]
pub(crate) enum EditCommand {
    /// Add a component
    Add {
        /// A file as seen from here, else from the workload's folder; an oci:// reference; a library alias
        source: String,
        /// What it is to be called; made from the source, if nothing is said
        #[arg(long)]
        name: Option<String>,
    },
    /// Remove components, and the links from and to them
    Remove {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Give a component another name, everywhere in the file
    Rename {
        /// The name that it has
        from: String,
        /// The name that it gets
        to: String,
    },
    /// Link an import to what is said, or leave it to the rules again
    Link {
        /// The component that imports
        component: String,
        /// The import: INTERFACE, or the full ns:pkg/interface@version
        import: String,
        /// A component, `host`, or `stub`
        #[arg(required_unless_present = "auto", conflicts_with = "auto")]
        to: Option<String>,
        /// Leave the import to the rules
        #[arg(long)]
        auto: bool,
    },
    /// Set what a stub answers to the calls of a function, so that a component can be tried without the one that it needs
    Answer {
        /// The component that imports
        component: String,
        /// The import: INTERFACE, or the full ns:pkg/interface@version
        import: String,
        /// The function
        function: String,
        /// The answer, a value in WAVE; "" for a function without result
        #[arg(required_unless_present = "none", conflicts_with = "none", allow_hyphen_values = true)]
        value: Option<String>,
        /// Let calls trap again
        #[arg(long)]
        none: bool,
    },
    /// Make a component the service, or have none
    Service {
        /// The component
        #[arg(required_unless_present = "none", conflicts_with = "none")]
        name: Option<String>,
        /// Have no service
        #[arg(long)]
        none: bool,
    },
    /// Set what a component sees in its environment
    Env {
        /// The component
        component: String,
        #[command(flatten)]
        values: Values,
    },
    /// Set what wasi:config tells a component
    Config {
        /// The component
        component: String,
        #[command(flatten)]
        values: Values,
    },
    /// Set how much memory a component may have, and how long its calls may take
    #[command(group = ArgGroup::new("limit").args(["memory", "time"]).multiple(true).required(true))]
    Limits {
        /// The component
        component: String,
        /// Its memory: 512KiB, 64MiB, 1GiB; `none` for the host's own limit
        #[arg(long, value_name = "SIZE")]
        memory: Option<String>,
        /// A call's time: 500ms, 10s, 1m; `none` for the host's own limit
        #[arg(long, value_name = "DURATION")]
        time: Option<String>,
    },
    /// Take a component's binary from elsewhere
    SetSource {
        /// The component
        component: String,
        /// A file as seen from here, else from the workload's folder; an oci:// reference; a library alias
        source: String,
    },
    /// Rename the workload
    SetName {
        /// Its new name
        name: String,
    },
}

/// Entries that are set, and entries that are taken away.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Values {
    /// What to set
    #[arg(value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// What to take away; may be given several times
    #[arg(long, value_name = "KEY")]
    pub(crate) unset: Vec<String>,
}

pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}
