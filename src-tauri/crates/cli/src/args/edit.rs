//! What `jack new` and `jack edit` can be told.

use clap::Subcommand;

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
  jack edit workload.toml service ticker
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
    /// Make a component the service, or have none
    Service {
        /// The component
        #[arg(required_unless_present = "none", conflicts_with = "none")]
        name: Option<String>,
        /// Have no service
        #[arg(long)]
        none: bool,
    },
}
