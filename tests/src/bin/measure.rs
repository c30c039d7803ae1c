//! The figures that the README states, about the window, about the host's memory and about observing:
//! `cargo run -p jackfield-tests --bin measure`, with `memory` or `observing` behind it for one of these alone.
//!
//! The window's need what `cargo xtask test` builds. With `--release`, and after
//! `cargo build --release -p jackfield`, it measures a release build.

#[cfg(unix)]
fn main() -> anyhow::Result<()> {
    use jackfield_tests::{measure, memory, observing};

    let args: Vec<_> = std::env::args_os().skip(1).collect();
    match args.as_slice() {
        [what, cache] if what == memory::HOLD => memory::hold(cache.as_ref()),
        [what] if what == "memory" => memory::run(),
        [what] if what == "observing" => observing::run(),
        _ => {
            measure::run()?;
            memory::run()?;
            observing::run()
        }
    }
}

#[cfg(not(unix))]
fn main() {
    eprintln!("this measures on Linux only");
}
