//! What the host itself can satisfy: the interfaces that its linker defines.

use crate::plan::HostCatalog;

/// The plugin that implements WASI proper.
const WASI: &str = "wasi";
/// The plugin that implements `wasi:http`.
const WASI_HTTP: &str = "wasi:http";

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

/// Everything that [`crate::host`] adds to its linker.
pub(crate) fn catalog() -> HostCatalog {
    let wasi = WASI_P2.iter().chain(&WASI_P3).chain(&WASI_P3_SOCKETS).map(|name| (WASI, *name));
    HostCatalog::from_pairs(wasi.chain(HTTP.iter().map(|name| (WASI_HTTP, *name))))
}
