//! The job of the cron sample: it says hello each time it is called.
//!
//! It prints to stderr so that a reader of the log sees at once which component wrote
//! the line and on which stream.

/// Generated from `wit/cron`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/cron",
        inline: "
            package samples:cron-job;

            world job {
                export jackfield:cron/job;
            }
        ",
        generate_all,
    });
}

use bindings::exports::jackfield::cron::job::Guest;

struct Job;

impl Guest for Job {
    fn invoke() {
        eprintln!("hello from the cron component");
    }
}

bindings::export!(Job with_types_in bindings);
