//! Does what it is told, as far as it may: it shows what permissions, volumes and the workload's own
//! network do.
//!
//! As a service it does what its arguments say: `echo` repeats the lines of its standard input, `fail-at
//! LINE` does so until that line comes, `serve PORT` or `serve ADDRESS` answers each connection with what it
//! sends, `serve-http` each request with the line that it begins with, and `serve-datagrams` each datagram
//! with what is in it.

mod doing;

/// Generated from `samples/errands/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:errands-errands;

            world component {
                export samples:errands/errands;
            }
        ",
        generate_all,
    });
}

use std::io::{self, BufRead as _};

use bindings::exports::samples::errands::errands::Guest;

struct Errands;

impl Guest for Errands {
    fn run(errand: String, with: Vec<String>) -> Result<String, String> {
        doing::run(&errand, &with)
    }
}

impl wasip2::exports::cli::run::Guest for Errands {
    fn run() -> Result<(), ()> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let done = match words.as_slice() {
            ["echo"] => echo(None),
            ["fail-at", line] => echo(Some(line)),
            ["exit", code] => std::process::exit(code.parse().unwrap_or(1)),
            ["serve", place] => doing::serve(place),
            ["serve-http", place] => doing::serve_http(place),
            ["serve-datagrams", place] => doing::serve_datagrams(place),
            _ => Err("it does not know what to do: `args` says it".to_owned()),
        };
        done.map_err(|problem| eprintln!("{problem}"))
    }
}

fn echo(failing_at: Option<&str>) -> Result<(), String> {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        println!("heard {line}");
        if failing_at == Some(line.as_str()) {
            return Err(format!("failing at {line}"));
        }
    }
    Ok(())
}

bindings::export!(Errands with_types_in bindings);
wasip2::cli::command::export!(Errands);
