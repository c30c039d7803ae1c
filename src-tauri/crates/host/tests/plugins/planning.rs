//! What the plan says about plugins.

use std::fs;

use jackfield_protocol::Diagnostic;

use crate::support::{BOTH, host, planned, write};

#[test]
fn settings_of_the_built_in_plugins_are_checked() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    for (settings, wanted) in [
        ("wasi:keyvalue\"]\nbackend = \"fiel\"", "must be \"memory\" or \"file\""),
        (
            "wasi:keyvalue\"]\nbackend = \"file\"",
            "`host.\"wasi:keyvalue\".path` (line 6, column 7) is missing",
        ),
        ("wasi:keyvalue\"]\npath = \"x\"", "means nothing unless `backend` is \"file\""),
        ("wasi:config\"]\na = \"x\"", "is not known to the plugin"),
        ("wasi:kv\"]\na = \"x\"", "is no plugin of this host"),
    ] {
        write(folder.path(), &format!("{BOTH}[host.\"{settings}\n"));
        let plan = planned(&host, folder.path());
        let messages: Vec<_> = plan.diagnostics.iter().map(Diagnostic::message).collect();
        assert!(messages.len() == 1 && messages[0].contains(wanted), "{messages:?}");
        assert!(!plan.is_runnable());
    }
}

#[test]
fn an_import_of_an_unknown_version_says_which_there_are() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    for (import, versions) in [
        ("wasi:keyvalue/store@0.2.0", "0.2.0-draft2, 0.2.0-draft"),
        ("wasi:keyvalue/atomics@0.3.0", "0.2.0-draft2, 0.2.0-draft"),
        ("wasi:config/store@0.2.0-rc.2", "0.2.0-rc.1, 0.2.0-draft"),
        ("wasi:logging/logging@0.1.0", "0.1.0-draft"),
    ] {
        let text = format!("(component (import \"{import}\" (instance (export \"f\" (func)))))");
        fs::write(folder.path().join("a.wasm"), wat::parse_str(text).unwrap()).unwrap();
        let workload = "name = \"test\"\n[components.a]\nsource = \"./a.wasm\"\n";
        fs::write(folder.path().join("workload.toml"), workload).unwrap();
        let plan = planned(&host, folder.path());
        let suggestions: Vec<_> = plan.diagnostics.iter().map(Diagnostic::suggestion).collect();
        assert_eq!(suggestions, [format!("the host has it in {versions}: rebuild against that")]);
    }
}
