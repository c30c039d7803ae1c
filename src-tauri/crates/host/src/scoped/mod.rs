//! Host imports that act on the caller's own rights: each component has its own.
//!
//! In a composition these interfaces are imported once per component, under a label that names
//! its place ([`label`]), and the label is defined with closures that hold that place. So a
//! component's output carries its name and it sees its own environment and files, whatever else it is
//! composed with, and no guest can change it.
//!
//! The rest of WASI needs no such thing. A socket holds the check of the component that made it, and a
//! descriptor lies below the folder that it came from. `wasi:sockets/instance-network` gives a handle
//! that means nothing to this host. Nobody has a terminal. Only the sockets of WASI 0.3 are made by an
//! interface whose types components may pass to one another, so that it cannot be imported twice:
//! there, each component may do what all that import it may ([`crate::network::shared_sockets`]).

mod cli;
mod files;
mod http;
mod lookup;
mod sockets;

use jackfield_protocol::InterfaceName;
use semver::Version;
use wasmtime::component::{Linker, LinkerInstance};
use wasmtime_wasi::TrappableError;

use crate::store::State;

/// An interface that is imported once per component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopedInterface {
    kind: Kind,
    generation: Generation,
    /// Of 0.2 and 0.3, so that a component may import two of them.
    patch: u64,
}

/// What the interface gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Environment,
    Exit,
    Stdin,
    Stdout,
    Stderr,
    Preopens,
    TcpCreateSocket,
    UdpCreateSocket,
    IpNameLookup,
    OutgoingHandler,
    HttpClient,
}

/// Which WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    P2,
    P3,
}

impl ScopedInterface {
    /// The scoped interface that an import names, if it names one.
    pub(crate) fn of_import(import: &str) -> Option<Self> {
        let name = InterfaceName::parse(import).filter(|name| name.namespace == "wasi")?;
        let version = Version::parse(name.version.as_deref()?).ok()?;
        let generation = match (version.major, version.minor) {
            (0, 2) => Generation::P2,
            (0, 3) => Generation::P3,
            _ => return None,
        };
        let kind = Kind::of(generation, &name.package, &name.interface)?;
        Some(Self { kind, generation, patch: version.patch })
    }
}

impl Kind {
    fn of(generation: Generation, package: &str, interface: &str) -> Option<Self> {
        Some(match (package, interface, generation) {
            ("cli", "environment", _) => Self::Environment,
            ("cli", "exit", _) => Self::Exit,
            ("cli", "stdin", _) => Self::Stdin,
            ("cli", "stdout", _) => Self::Stdout,
            ("cli", "stderr", _) => Self::Stderr,
            ("filesystem", "preopens", _) => Self::Preopens,
            ("sockets", "tcp-create-socket", Generation::P2) => Self::TcpCreateSocket,
            ("sockets", "udp-create-socket", Generation::P2) => Self::UdpCreateSocket,
            ("sockets", "ip-name-lookup", _) => Self::IpNameLookup,
            ("http", "outgoing-handler", Generation::P2) => Self::OutgoingHandler,
            ("http", "client", Generation::P3) => Self::HttpClient,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Environment => "cli-environment",
            Self::Exit => "cli-exit",
            Self::Stdin => "cli-stdin",
            Self::Stdout => "cli-stdout",
            Self::Stderr => "cli-stderr",
            Self::Preopens => "filesystem-preopens",
            Self::TcpCreateSocket => "sockets-tcp-create-socket",
            Self::UdpCreateSocket => "sockets-udp-create-socket",
            Self::IpNameLookup => "sockets-ip-name-lookup",
            Self::OutgoingHandler => "http-outgoing-handler",
            Self::HttpClient => "http-client",
        }
    }
}

/// The import's name in the composition, for the member at `place`.
pub(crate) fn label(place: usize, interface: ScopedInterface) -> String {
    let minor = match interface.generation {
        Generation::P2 => 2,
        Generation::P3 => 3,
    };
    format!("m{place}-wasi-{}-v0n{minor}n{}", interface.kind.name(), interface.patch)
}

/// Defines `interface` for the member at `place`.
pub(crate) fn define(
    linker: &mut Linker<State>,
    place: usize,
    interface: ScopedInterface,
) -> wasmtime::Result<()> {
    let define: fn(&mut LinkerInstance<'_, State>, usize) -> wasmtime::Result<()> =
        match (interface.kind, interface.generation) {
            (Kind::Environment, Generation::P2) => cli::define_environment,
            (Kind::Environment, Generation::P3) => cli::define_environment_p3,
            (Kind::Exit, _) => cli::define_exit,
            (Kind::Stdin, Generation::P2) => cli::define_stdin,
            (Kind::Stdin, Generation::P3) => cli::define_stdin_p3,
            (Kind::Stdout, Generation::P2) => cli::define_stdout,
            (Kind::Stdout, Generation::P3) => cli::define_stdout_p3,
            (Kind::Stderr, Generation::P2) => cli::define_stderr,
            (Kind::Stderr, Generation::P3) => cli::define_stderr_p3,
            (Kind::Preopens, Generation::P2) => files::define_preopens,
            (Kind::Preopens, Generation::P3) => files::define_preopens_p3,
            (Kind::TcpCreateSocket, _) => sockets::define_tcp,
            (Kind::UdpCreateSocket, _) => sockets::define_udp,
            (Kind::IpNameLookup, Generation::P2) => lookup::define,
            (Kind::IpNameLookup, Generation::P3) => lookup::define_p3,
            (Kind::OutgoingHandler, _) => http::define,
            (Kind::HttpClient, _) => http::define_p3,
        };
    define(&mut linker.instance(&label(place, interface))?, place)
}

/// The result of a WASI function as a guest gets it: an error of the interface is a value, and any
/// other one a trap.
pub(crate) fn answer<T, E>(result: Result<T, TrappableError<E>>) -> wasmtime::Result<(Result<T, E>,)>
where
    E: std::error::Error + Send + Sync + 'static,
{
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_the_ambient_interfaces_is_scoped_and_nothing_else() {
        for import in [
            "wasi:cli/stdout@0.2.0",
            "wasi:cli/exit@0.2.12",
            "wasi:cli/stdout@0.3.0",
            "wasi:filesystem/preopens@0.2.3",
            "wasi:filesystem/preopens@0.3.0",
            "wasi:sockets/tcp-create-socket@0.2.0",
            "wasi:sockets/ip-name-lookup@0.3.0",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:http/client@0.3.0",
        ] {
            assert!(ScopedInterface::of_import(import).is_some(), "{import}");
        }
        for other in [
            "wasi:io/streams@0.2.0",
            "wasi:cli/stdout@0.4.0",
            "wasi:cli/stdout",
            "acme:cli/stdout@0.2.0",
            "stdout",
            "wasi:filesystem/types@0.2.0",
            "wasi:sockets/types@0.3.0",
            "wasi:http/types@0.2.0",
        ] {
            assert_eq!(ScopedInterface::of_import(other), None, "{other}");
        }
    }

    #[test]
    fn two_versions_in_one_component_have_labels_of_their_own() {
        let labels: Vec<String> = ["0.2.0", "0.2.12", "0.3.0"]
            .map(|version| ScopedInterface::of_import(&format!("wasi:cli/stdout@{version}")).unwrap())
            .map(|interface| label(1, interface))
            .into();
        let expected =
            ["m1-wasi-cli-stdout-v0n2n0", "m1-wasi-cli-stdout-v0n2n12", "m1-wasi-cli-stdout-v0n3n0"];
        assert_eq!(labels, expected);
    }
}
