//! One component of an entry and everything that it reaches.
//!
#![doc = include_str!("../docs/wasmtime.md")]

use jackfield_host::export::fuse;
use jackfield_protocol::{ComponentName, ExportFinding, Exported, NotCarried};

use crate::{ExportError, Parcel, entry, first_file, runtime::Runtime, settings};

pub(crate) fn export(parcel: Parcel<'_>, entry: Option<&ComponentName>) -> Result<Exported, ExportError> {
    let Parcel { loaded, plan, .. } = parcel;
    let entry = entry::choose(parcel, entry)?;
    let fused = fuse(plan, &loaded.components, entry)?;
    let runtime = Runtime::of(plan, entry);
    let mut findings = settings::findings(parcel, entry, &runtime);
    findings.extend(fused.bare.map(|instance| bare_functions(entry, instance)));
    let commands = runtime.commands(&findings, settings::args(loaded, entry), "FILE");
    Ok(Exported { files: vec![first_file(fused.bytes)], findings, commands })
}

fn bare_functions(entry: &ComponentName, instance: &str) -> ExportFinding {
    ExportFinding {
        about: NotCarried::BareFunctions { component: entry.clone(), instance: instance.to_owned() },
        flags: Vec::new(),
        help: Some("`wasmtime run --invoke` finds them there by their names".to_owned()),
    }
}
