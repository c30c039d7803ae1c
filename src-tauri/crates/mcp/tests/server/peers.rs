//! The real programs that the server is tried with. `cargo xtask test` installs them and says where they are.

use std::path::PathBuf;

/// Where the variable `name` says that a peer is. None, with a line that says so, if there is none: a plain
/// `cargo test` leaves out what it cannot do, and `cargo xtask test` allows no such thing.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os(name).map(PathBuf::from);
    if found.is_none() {
        let required = std::env::var_os("JACKFIELD_PEERS").is_some_and(|value| value == "required");
        assert!(!required, "{name} is not set; `cargo xtask test` sets it");
        eprintln!("left out: {name} is not set; `cargo xtask test` installs what is needed and sets it");
    }
    found
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}
