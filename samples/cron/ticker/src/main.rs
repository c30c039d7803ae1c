//! The service of the cron sample: calls the job it imports at a fixed interval, for ever.
//!
//! It is an ordinary program with an ordinary `main`; the toolchain makes the export
//! `wasi:cli/run` of it. The environment variable `INTERVAL_MILLIS` sets the interval.

use std::env;
use std::num::NonZeroU64;
use std::thread;
use std::time::{Duration, Instant};

/// Generated from `wit/cron`.
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit/cron",
        inline: "
            package samples:cron-ticker;

            world ticker {
                import jackfield:cron/job;
            }
        ",
        generate_all,
    });
}

use bindings::jackfield::cron::job;

const INTERVAL_VARIABLE: &str = "INTERVAL_MILLIS";
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);

fn main() {
    let interval = interval_from_environment();
    loop {
        let started = Instant::now();
        job::invoke();
        // From start to start, so that the job's own time does not make the clock slow.
        thread::sleep(interval.saturating_sub(started.elapsed()));
    }
}

fn interval_from_environment() -> Duration {
    let Ok(text) = env::var(INTERVAL_VARIABLE) else {
        return DEFAULT_INTERVAL;
    };
    match text.trim().parse::<NonZeroU64>() {
        Ok(millis) => Duration::from_millis(millis.get()),
        Err(error) => {
            eprintln!(
                "{INTERVAL_VARIABLE}={text:?} is not a number of milliseconds above zero ({error}): \
                 using {} ms",
                DEFAULT_INTERVAL.as_millis()
            );
            DEFAULT_INTERVAL
        }
    }
}
