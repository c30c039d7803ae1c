//! The figures about the window that the README states: `cargo run -p jackfield-tests --bin measure`.
//!
//! It needs what `cargo xtask test` builds. With `--release`, and after
//! `cargo build --release -p jackfield`, it measures a release build.

#[cfg(unix)]
fn main() -> anyhow::Result<()> {
    jackfield_tests::measure::run()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("this measures on Linux only");
}
