//! The samples by the distribution's compiler.
//!
//! Its libc knows only the older WASI, so the compiler gives core modules of `wasm32-wasip1`, and what
//! the linker does on `wasm32-wasip2` is done here: the adapter translates the old WASI into WASI 0.2.

use anyhow::{Context as _, Result};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

use super::guests::{Guest, Guests, Kind};
use crate::process;
use crate::toolchain::{Target, Toolchain, distro_command_object};

/// Compiles all guests to core modules, and makes components of them.
pub(super) fn compile(guests: &Guests) -> Result<Vec<(&Guest, Vec<u8>)>> {
    for guest in &guests.all {
        let mut command = Toolchain::Distro.cargo("rustc", Target::CoreModule, &guests.folder);
        command.args(["--release", "--package", &guest.package]);
        command.arg("--target-dir").arg(guests.target_dir_of(Toolchain::Distro));
        if guest.kind == Kind::Command {
            // For this one crate, and not in RUSTFLAGS: libraries have no `main` to enter.
            command.args(["--", "-C"]).arg(format!("link-arg={}", distro_command_object()));
        }
        process::run(&mut command)?;
    }
    let modules = guests.artifacts(Toolchain::Distro, Target::CoreModule)?;
    modules.into_iter().map(|(guest, module)| Ok((guest, componentize(guest, &module)?))).collect()
}

fn componentize(guest: &Guest, module: &[u8]) -> Result<Vec<u8>> {
    let adapter = match guest.kind {
        Kind::Command => WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        Kind::Reactor => WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
    };
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter))
        .and_then(|encoder| encoder.validate(true).encode())
        .with_context(|| format!("cannot make a component of the sample {}", guest.package))
}
