//! Files that are not components, and what is said about them.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use jackfield_component::{ReadProblem, read_file};
use jackfield_protocol::{Error, ErrorKind};
use wit_component::WitPrinter;

use crate::support::{from_wat, from_wit, parse_wit, refusal};

/// What reading the file at `path` says, as it reaches the user.
fn complaint(path: &Path) -> Error {
    read_file(path).expect_err("not a component").into()
}

fn complaint_about(content: &[u8]) -> Error {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.wasm");
    fs::write(&path, content).expect("a file");
    let error = complaint(&path);
    assert!(error.message.ends_with(&path.display().to_string()), "the path comes last: {}", error.message);
    error
}

#[test]
fn each_kind_of_wrong_file_is_named_and_helped() {
    let component = from_wit("package a:b; world w { export f: func() -> string; }");
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "an empty file", "build or fetch it again"),
        (b"(component)", "WebAssembly text (WAT)", "wasm-tools parse"),
        (b"hello", "but text", "wasm32-wasip2"),
        (b"\x1f\x8b\x08\0", "but a gzip archive", "unpack it first"),
        (&wat::parse_str("(module)").expect("a module"), "a core module", "wasm-tools component new"),
        (&component[..component.len() / 2], "cut off after", "build or fetch it again"),
        (b"\0asm\x0a\0\x01\0", "version 10, layer 1", "current toolchain"),
        (b"\0asm\x0d\0\x01\0\x07\x02\x01", "cut off", "build or fetch it again"),
        (b"\0asm\x0d\0\x01\0\x07\x01\x01", "not a valid component", "wasm-tools validate"),
        (b"\0asm\x0d\0\x01\0\x63\0", "not a valid component", "wasm-tools validate"),
    ];
    for (content, message, help) in cases {
        let error = complaint_about(content);
        assert_eq!(error.kind, ErrorKind::NotAComponent);
        assert!(error.message.contains(message), "{message}: {}", error.message);
        let given = error.help.expect("some help");
        assert!(given.contains(help), "{help}: {given}");
    }
}

#[test]
fn a_wit_package_is_not_a_component() {
    let (resolve, package, _) = parse_wit("package a:b; interface i { f: func(); } world w { import i; }");
    let encoded = wit_component::encode(&resolve, package).expect("an encoded package");
    assert!(matches!(refusal(encoded), ReadProblem::WitPackage));
    // Not to be confused with its text.
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &[]).expect("text");
    assert!(matches!(
        refusal(printer.output.to_string().into_bytes()),
        ReadProblem::NotWasm { looks_like: "text", .. }
    ));
}

#[test]
fn a_proposal_that_is_not_supported_is_named() {
    let bytes = from_wat(r#"(component (import "v" (value u8)))"#);
    let problem = refusal(bytes);
    assert!(matches!(problem, ReadProblem::Invalid { unsupported: true, .. }), "{problem}");
}

#[test]
fn what_is_not_there_or_not_a_file_is_a_file_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [(folder.path().join("gone.wasm"), "no such file"), (folder.path().to_owned(), "a folder")];
    for (path, message) in cases {
        let error = complaint(&path);
        assert_eq!(error.kind, ErrorKind::File);
        assert!(error.message.starts_with(message), "{}", error.message);
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    assert!(complaint(Path::new("/dev/zero")).message.starts_with("not an ordinary file"));
}

/// Skips where the file can be read in spite of its permissions, as the superuser can.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret.wasm");
    fs::write(&path, from_wat("(component)")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("permissions");
    if File::open(&path).is_ok() {
        eprintln!("skipped: this user can read every file");
        return;
    }
    let error = complaint(&path);
    assert!(error.message.starts_with("no permission to read"), "{}", error.message);
}

#[test]
fn permission_problems_are_recognised_for_every_user() {
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert!(matches!(ReadProblem::from(denied), ReadProblem::NotPermitted));
}

#[test]
fn a_hundred_megabytes_of_zeros_are_refused_by_their_first_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("zeros.wasm");
    // Sparse: the file has no blocks.
    File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a file");
    let start = Instant::now();
    let error = complaint(&path);
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
    assert!(error.message.contains("but zeros"), "{}", error.message);
}

#[test]
fn a_component_that_is_too_long_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.wasm");
    fs::write(&path, from_wat("(component)")).expect("a file");
    File::options().write(true).open(&path).and_then(|file| file.set_len(3 << 30)).expect("a file");
    assert!(complaint(&path).message.starts_with("3221225472 bytes long"));
}

#[test]
fn what_a_file_says_is_not_passed_on_to_a_terminal() {
    let wat = r#"(component (core module (func (export "\1b[2J")) (func (export "\1b[2J"))))"#;
    let text = refusal(from_wat(wat)).to_string();
    assert!(text.contains(r"duplicate export name `\u{1b}[2J` already defined"), "{text}");
    let long = "x".repeat(50_000);
    let wat = format!(r#"(component (core module (func (export "{long}")) (func (export "{long}"))))"#);
    let text = refusal(from_wat(&wat)).to_string();
    assert!(text.len() < 1_000 && text.contains('…'), "{}", text.len());
}
