//! `jack library`: the components on this machine, and registries.

use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use jackfield_protocol::{Error, Event, LibraryRequest, LibraryResponse, Request, Response, Transfer};
use jackfield_workbench::Workbench;

use super::{text, unexpected};
use crate::output::Output;
use crate::page::Page;
use crate::render;
use crate::signals::Interrupts;
use crate::style::Role;

pub(crate) const EXAMPLES: &str = "\
SOURCE is what a workload file says as `source`: a file, an oci:// reference, or a name in the library.
Credentials for registries are those of `docker login`.

Examples:
  jack library list exports:math:ops/square
  jack library show oci://samples/square:0.1.0
  jack library add ./square.wasm --alias my-square
  jack library pull oci://ghcr.io/acme/square:1.2
  jack library push ./square.wasm oci://localhost:5000/acme/square:1.2
  jack library alias square oci://ghcr.io/acme/square:1.2";

/// One of `jack library`'s own commands.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// List what is here: words, exports:NAME and imports:NAME narrow it down
    List {
        /// What to look for
        query: Vec<String>,
    },
    /// Show a component: its digest, its ports
    Show {
        /// A file, an oci:// reference, or a name in the library
        source: String,
    },
    /// Store a component file under a name
    Add {
        /// The component binary
        file: PathBuf,
        /// Its name; that of the file if it is not given
        #[arg(long)]
        alias: Option<String>,
    },
    /// Fetch a component from a registry
    Pull {
        /// oci://HOST/REPOSITORY:TAG, or with @sha256:DIGEST
        reference: String,
        /// Allow plain HTTP with a host that is not this machine
        #[arg(long)]
        plain_http: bool,
    },
    /// Send a component to a registry
    Push {
        /// A file, an oci:// reference, or a name in the library
        source: String,
        /// oci://HOST/REPOSITORY:TAG
        reference: String,
        /// Allow plain HTTP with a host that is not this machine
        #[arg(long)]
        plain_http: bool,
    },
    /// List the tags of a repository
    Tags {
        /// oci://HOST/REPOSITORY
        reference: String,
        /// Allow plain HTTP with a host that is not this machine
        #[arg(long)]
        plain_http: bool,
    },
    /// Give a component another name, or take a name away
    Alias {
        /// The name
        name: String,
        /// What it is to mean: an oci:// reference, or another name
        #[arg(required_unless_present = "remove")]
        source: Option<String>,
        /// Take the name away; the component stays while it has others
        #[arg(long, conflicts_with = "source")]
        remove: bool,
    },
}

pub(super) async fn run(
    workbench: &Workbench,
    command: &LibraryCommand,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let response = match request(command)? {
        Transferring::Yes { request, reference } => transfer(workbench, request, &reference, output).await?,
        Transferring::No(request) => ask(workbench, request).await?,
    };
    show(command, response, output)?;
    Ok(ExitCode::SUCCESS)
}

/// A request, and whether bytes go over a network for it.
enum Transferring {
    Yes { request: LibraryRequest, reference: String },
    No(LibraryRequest),
}

fn request(command: &LibraryCommand) -> Result<Transferring, Error> {
    use LibraryCommand as C;
    use LibraryRequest as R;
    Ok(Transferring::No(match command {
        C::List { query } => R::Search { query: query.join(" ") },
        C::Show { source } => R::Show { source: source.clone() },
        C::Add { file, alias } => R::Add { path: text(file)?, alias: alias.clone() },
        C::Pull { reference, plain_http } => {
            let request = R::Pull { reference: reference.clone(), plain_http: *plain_http };
            return Ok(Transferring::Yes { request, reference: reference.clone() });
        }
        C::Push { source, reference, plain_http } => {
            let request =
                R::Push { source: source.clone(), reference: reference.clone(), plain_http: *plain_http };
            return Ok(Transferring::Yes { request, reference: reference.clone() });
        }
        C::Tags { reference, plain_http } => {
            R::Tags { reference: reference.clone(), plain_http: *plain_http }
        }
        C::Alias { name, source: Some(source), .. } => {
            R::SetAlias { alias: name.clone(), source: source.clone() }
        }
        C::Alias { name, source: None, .. } => R::RemoveAlias { alias: name.clone() },
    }))
}

async fn ask(workbench: &Workbench, request: LibraryRequest) -> Result<LibraryResponse, Error> {
    match workbench.dispatch(Request::Library(request)).await? {
        Response::Library(response) => Ok(response),
        _ => Err(unexpected()),
    }
}

/// Asks, shows how far it is where somebody watches, and gives it up on Ctrl-C.
async fn transfer(
    workbench: &Workbench,
    request: LibraryRequest,
    reference: &str,
    output: &Output,
) -> Result<LibraryResponse, Error> {
    let mut interrupts = Interrupts::listen()?;
    let mut events = workbench.subscribe();
    let is_watched = stderr().is_terminal() && !output.is_json();
    let answer = ask(workbench, request);
    tokio::pin!(answer);
    loop {
        tokio::select! {
            answer = &mut answer => {
                if is_watched {
                    output.status("");
                }
                return answer;
            }
            Some(event) = events.next(), if is_watched => {
                if let Event::Transfer(transfer) = event {
                    output.status(&progress(&transfer));
                }
            }
            () = interrupts.first() => {
                let cancel = LibraryRequest::Cancel { reference: reference.to_owned() };
                ask(workbench, cancel).await?;
            }
        }
    }
}

fn progress(transfer: &Transfer) -> String {
    let done = render::Size(transfer.done_in_bytes);
    match transfer.total_in_bytes {
        Some(total) => format!("{}: {done} of {}", transfer.step, render::Size(total)),
        None => transfer.step.clone(),
    }
}

fn show(command: &LibraryCommand, response: LibraryResponse, output: &mut Output) -> Result<(), Error> {
    if output.is_json() {
        return match &response {
            LibraryResponse::Done => Ok(()),
            response => output.json(response),
        };
    }
    let page = match response {
        LibraryResponse::Page(page) => render::library::page(&page),
        LibraryResponse::Component { source, info } => match command {
            LibraryCommand::Show { .. } => render::inspect::page(&source, &info),
            _ => {
                let mut page = Page::default();
                page.line().add(Role::Name, source).add(Role::Faint, format!("  {}", info.digest));
                page
            }
        },
        LibraryResponse::Tags(tags) => {
            let mut page = Page::default();
            for tag in tags {
                page.line().plain(tag);
            }
            page
        }
        LibraryResponse::Pushed { reference } => {
            let mut page = Page::default();
            page.line().plain(reference);
            page
        }
        LibraryResponse::Done => return Ok(()),
    };
    output.print(&page)
}
