//! `jack library`: components on this machine, and their way from and to registries.

pub(super) mod transfer;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{
    ComponentInfo, Error, LibraryPage, LibraryRequest, LibraryResponse, Request, Response,
};
use jackfield_workbench::Workbench;
use serde_json::json;

use super::{text, unexpected};
use crate::args::{LibraryCommand, Wire};
use crate::output::Output;
use crate::render;

pub(super) async fn run(
    workbench: &Workbench,
    command: &LibraryCommand,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    match command {
        LibraryCommand::Add { file, alias } => add(workbench, file, alias.clone(), output).await,
        LibraryCommand::List { query } => list(workbench, query.join(" "), output).await,
        LibraryCommand::Show { source } => show(workbench, source, output).await,
        LibraryCommand::Pull { reference, wire } => pull(workbench, reference, *wire, output).await,
        LibraryCommand::Push { source, reference, wire } => {
            push(workbench, source, reference, *wire, output).await
        }
        LibraryCommand::Alias { remove: Some(alias), .. } => remove_alias(workbench, alias, output).await,
        LibraryCommand::Alias { name: Some(name), source: Some(source), .. } => {
            set_alias(workbench, name, source, output).await
        }
        // The arguments' own rules leave nothing else.
        LibraryCommand::Alias { .. } => Err(unexpected()),
        LibraryCommand::Tags { reference, wire } => tags(workbench, reference, *wire, output).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn add(
    workbench: &Workbench,
    file: &Path,
    alias: Option<String>,
    output: &mut Output,
) -> Result<(), Error> {
    let request = LibraryRequest::Add { path: text(file)?, alias };
    let (source, info) = component(ask(workbench, request).await?)?;
    stored("added", &source, &info, output)
}

async fn list(workbench: &Workbench, query: String, output: &mut Output) -> Result<(), Error> {
    let is_query = !query.trim().is_empty();
    let page = search(workbench, query).await?;
    if output.is_json() {
        return output.json(&page);
    }
    output.note(&render::library::problems(&page));
    output.print(&render::library::table(&page))?;
    if page.entries.is_empty() {
        output.note(&render::library::nothing(&page, is_query));
    }
    Ok(())
}

async fn show(workbench: &Workbench, source: &str, output: &mut Output) -> Result<(), Error> {
    let request = LibraryRequest::Show { source: source.to_owned() };
    let (source, info) = component(ask(workbench, request).await?)?;
    let page = search(workbench, String::new()).await?;
    let names = other_names(&page, &info, &source);
    if output.is_json() {
        return output.json(&json!({ "source": source, "aliases": names, "info": info }));
    }
    output.print(&render::inspect::page_with_names(&source, &names, &info))
}

async fn pull(workbench: &Workbench, reference: &str, wire: Wire, output: &mut Output) -> Result<(), Error> {
    let request = LibraryRequest::Pull { reference: reference.to_owned(), plain_http: wire.plain_http };
    let (source, info) = component(transfer::follow(workbench, reference, request).await?)?;
    stored("pulled", &source, &info, output)
}

async fn push(
    workbench: &Workbench,
    source: &str,
    reference: &str,
    wire: Wire,
    output: &mut Output,
) -> Result<(), Error> {
    let request = LibraryRequest::Push {
        source: source.to_owned(),
        reference: reference.to_owned(),
        plain_http: wire.plain_http,
    };
    let answer = transfer::follow(workbench, reference, request).await?;
    let LibraryResponse::Pushed { reference: exact } = answer else { return Err(unexpected()) };
    if output.is_json() {
        return output.json(&json!({ "reference": exact }));
    }
    output.print(&render::library::pushed(reference, &exact))
}

async fn set_alias(
    workbench: &Workbench,
    alias: &str,
    source: &str,
    output: &mut Output,
) -> Result<(), Error> {
    let request = LibraryRequest::SetAlias { alias: alias.to_owned(), source: source.to_owned() };
    ask(workbench, request).await?;
    if output.is_json() {
        return output.json(&json!({ "alias": alias, "source": source }));
    }
    output.print(&render::library::alias(alias, source))
}

async fn remove_alias(workbench: &Workbench, alias: &str, output: &mut Output) -> Result<(), Error> {
    ask(workbench, LibraryRequest::RemoveAlias { alias: alias.to_owned() }).await?;
    if output.is_json() {
        return output.json(&json!({ "removed": alias }));
    }
    output.print(&render::library::done("removed", alias))
}

async fn tags(workbench: &Workbench, reference: &str, wire: Wire, output: &mut Output) -> Result<(), Error> {
    let request = LibraryRequest::Tags { reference: reference.to_owned(), plain_http: wire.plain_http };
    let LibraryResponse::Tags(tags) = ask(workbench, request).await? else { return Err(unexpected()) };
    if output.is_json() {
        return output.json(&tags);
    }
    output.print(&render::library::tags(&tags))
}

/// Says what is in the library now.
fn stored(verb: &str, source: &str, info: &ComponentInfo, output: &mut Output) -> Result<(), Error> {
    if output.is_json() {
        return output.json(&json!({ "source": source, "info": info }));
    }
    output.print(&render::library::stored(verb, source, info))
}

/// Everything that the library calls a component, but for the name that was asked for.
fn other_names(page: &LibraryPage, info: &ComponentInfo, source: &str) -> Vec<String> {
    let versions = page.entries.iter().flat_map(|entry| &entry.versions);
    let same = versions.filter(|version| version.digest == info.digest);
    let names = same.flat_map(|version| version.aliases.iter().chain([&version.source]));
    let names: BTreeSet<&String> = names.filter(|name| *name != source).collect();
    names.into_iter().cloned().collect()
}

async fn search(workbench: &Workbench, query: String) -> Result<LibraryPage, Error> {
    match ask(workbench, LibraryRequest::Search { query }).await? {
        LibraryResponse::Page(page) => Ok(page),
        _ => Err(unexpected()),
    }
}

fn component(response: LibraryResponse) -> Result<(String, ComponentInfo), Error> {
    match response {
        LibraryResponse::Component { source, info } => Ok((source, info)),
        _ => Err(unexpected()),
    }
}

async fn ask(workbench: &Workbench, request: LibraryRequest) -> Result<LibraryResponse, Error> {
    match workbench.dispatch(Request::Library(request)).await? {
        Response::Library(response) => Ok(response),
        _ => Err(unexpected()),
    }
}
