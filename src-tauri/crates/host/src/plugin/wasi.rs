//! WASI and `wasi:http`, which Wasmtime's own crates implement.
//!
//! Which of their interfaces are a component's own is the business of [`crate::scoped`]: for the rest of
//! the host they are in the linker, and what they do depends on the store.

use std::sync::Arc;

use wasmtime::component::Linker;

use super::{Binding, Bound, Plugin, PluginError, PluginInterface, State};
use crate::network::{define_loopback_p2, define_loopback_p3};

/// Interfaces of WASI 0.2 as `wasmtime-wasi` 48 defines them.
const WASI_P2: [&str; 27] = [
    "wasi:cli/environment@0.2.12",
    "wasi:cli/exit@0.2.12",
    "wasi:cli/stderr@0.2.12",
    "wasi:cli/stdin@0.2.12",
    "wasi:cli/stdout@0.2.12",
    "wasi:cli/terminal-input@0.2.12",
    "wasi:cli/terminal-output@0.2.12",
    "wasi:cli/terminal-stderr@0.2.12",
    "wasi:cli/terminal-stdin@0.2.12",
    "wasi:cli/terminal-stdout@0.2.12",
    "wasi:clocks/monotonic-clock@0.2.12",
    "wasi:clocks/wall-clock@0.2.12",
    "wasi:filesystem/preopens@0.2.12",
    "wasi:filesystem/types@0.2.12",
    "wasi:io/error@0.2.12",
    "wasi:io/poll@0.2.12",
    "wasi:io/streams@0.2.12",
    "wasi:random/insecure-seed@0.2.12",
    "wasi:random/insecure@0.2.12",
    "wasi:random/random@0.2.12",
    "wasi:sockets/instance-network@0.2.12",
    "wasi:sockets/ip-name-lookup@0.2.12",
    "wasi:sockets/network@0.2.12",
    "wasi:sockets/tcp-create-socket@0.2.12",
    "wasi:sockets/tcp@0.2.12",
    "wasi:sockets/udp-create-socket@0.2.12",
    "wasi:sockets/udp@0.2.12",
];

/// Interfaces of WASI 0.3 as `wasmtime-wasi` 48 defines them.
const WASI_P3: [&str; 20] = [
    "wasi:cli/environment@0.3.0",
    "wasi:cli/exit@0.3.0",
    "wasi:cli/stderr@0.3.0",
    "wasi:cli/stdin@0.3.0",
    "wasi:cli/stdout@0.3.0",
    "wasi:cli/terminal-input@0.3.0",
    "wasi:cli/terminal-output@0.3.0",
    "wasi:cli/terminal-stderr@0.3.0",
    "wasi:cli/terminal-stdin@0.3.0",
    "wasi:cli/terminal-stdout@0.3.0",
    "wasi:cli/types@0.3.0",
    "wasi:clocks/monotonic-clock@0.3.0",
    "wasi:clocks/system-clock@0.3.0",
    "wasi:clocks/types@0.3.0",
    "wasi:filesystem/preopens@0.3.0",
    "wasi:filesystem/types@0.3.0",
    "wasi:random/insecure-seed@0.3.0",
    "wasi:random/insecure@0.3.0",
    "wasi:random/random@0.3.0",
    "wasi:sockets/ip-name-lookup@0.3.0",
];

/// Sockets of WASI 0.3.
const WASI_P3_SOCKETS: [&str; 1] = ["wasi:sockets/types@0.3.0"];

/// Interfaces of `wasi:http` as `wasmtime-wasi-http` 48 defines them.
const HTTP: [&str; 4] = [
    "wasi:http/client@0.3.0",
    "wasi:http/outgoing-handler@0.2.12",
    "wasi:http/types@0.2.12",
    "wasi:http/types@0.3.0",
];

/// WASI proper, 0.2 and 0.3.
#[derive(Debug)]
pub(super) struct Wasi;

/// `wasi:http`.
#[derive(Debug)]
pub(super) struct WasiHttp;

/// Has nothing to define: all is in the host's linker.
struct InLinker;

impl Bound for InLinker {}

impl Plugin for Wasi {
    fn id(&self) -> &str {
        "wasi"
    }

    fn interfaces(&self) -> Vec<PluginInterface> {
        let names = WASI_P2.iter().chain(&WASI_P3).chain(&WASI_P3_SOCKETS);
        names.map(|name| PluginInterface::per_host(name)).collect()
    }

    fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        wasmtime_wasi::p2::add_to_linker_async(linker)?;
        wasmtime_wasi::p3::add_to_linker(linker)?;
        define_loopback_p2(linker)?;
        define_loopback_p3(linker)
    }

    fn bind(&self, _: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        Ok(Arc::new(InLinker))
    }
}

impl Plugin for WasiHttp {
    fn id(&self) -> &str {
        "wasi:http"
    }

    fn interfaces(&self) -> Vec<PluginInterface> {
        HTTP.iter().map(|name| PluginInterface::per_host(name)).collect()
    }

    fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
        wasmtime_wasi_http::p3::add_to_linker(linker)
    }

    fn bind(&self, _: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        Ok(Arc::new(InLinker))
    }
}
