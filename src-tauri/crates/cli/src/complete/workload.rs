//! Components of the workload at hand, their links and functions, and the functions' flags.

use jackfield_component::Signature;
use jackfield_protocol::{
    ExportedFunction, Functions, Link, LinkTarget, Request, Response, TypeKind, WorkloadView,
};
use jackfield_workbench::{Config, Workbench};

use super::place::Place;
use super::{Candidate, Offer, files};
use crate::command::callee;
use crate::render::{functions as help, wit_type};

/// A workload that was read, and nothing more.
struct Read {
    workbench: Workbench,
    view: WorkloadView,
}

async fn read(place: &Place<'_>) -> Option<Read> {
    let path = files::expand(place.words.first()?);
    // Nothing is run, so nothing is recorded or compiled.
    let config = Config { is_recording_off: true, cache_dir: None, ..Config::for_this_user() };
    let workbench = Workbench::new(config).ok()?;
    match workbench.dispatch(Request::Open { path: path.to_str()?.to_owned() }).await.ok()? {
        Response::Opened(view) => Some(Read { workbench, view }),
        _ => None,
    }
}

async fn functions_of(place: &Place<'_>) -> Option<Functions> {
    let read = read(place).await?;
    callee::functions(&read.workbench, &read.view, place.words.get(1)?).await.ok()
}

/// The components of the workload that stands first.
pub(super) async fn components(place: &Place<'_>) -> Vec<Candidate> {
    let Some(read) = read(place).await else { return Vec::new() };
    let nodes = read.view.plan.nodes.iter();
    nodes.map(|node| Candidate::new(node.name.as_str(), Some(&node.source))).collect()
}

/// The links between its components, and those to the host, by names that no shell reads anything into.
pub(super) async fn links(place: &Place<'_>) -> Vec<Candidate> {
    let Some(read) = read(place).await else { return Vec::new() };
    let has_calls = |link: &&Link| link.target != LinkTarget::Types;
    let mut links: Vec<&Link> = read.view.plan.links.iter().filter(has_calls).collect();
    links.sort_by_key(|link| !matches!(link.target, LinkTarget::Component { .. }));
    let candidates = links.into_iter().map(|link| {
        let to = match &link.target {
            LinkTarget::Component { name, .. } => Some(format!("to {name}")),
            LinkTarget::Host { plugin } => Some(format!("to the host: {plugin}")),
            _ => None,
        };
        Candidate::new(format!("{}/{}", link.consumer, link.import), to.as_deref())
    });
    candidates.collect()
}

/// The functions of the component that stands second, by the shortest names that mean them.
pub(super) async fn functions(place: &Place<'_>) -> Vec<Candidate> {
    let Some(all) = functions_of(place).await else { return Vec::new() };
    let callable = all.functions.iter().filter(|function| is_callable(&all, function));
    callable
        .map(|function| {
            let about = function.function.docs.clone().unwrap_or_else(|| function.function.signature());
            Candidate::new(callee::short_name(&all, function), Some(&about))
        })
        .collect()
}

fn is_callable(all: &Functions, function: &ExportedFunction) -> bool {
    Signature { types: &all.types, function: &function.types }.check_callable().is_ok()
}

/// The flags of the function that stands third.
pub(super) async fn flags(place: &Place<'_>) -> Vec<Candidate> {
    let Some((all, function)) = function(place).await else { return Vec::new() };
    let params = function.types.params.iter().filter(|param| !help::is_own_option(&param.name));
    params
        .flat_map(|param| {
            let ty = wit_type::name(&all.types, param.ty);
            let about = match all.types.kind(param.ty) {
                TypeKind::Bool => format!("{ty}: true; false if left out"),
                _ => ty,
            };
            let no = help::opposite(&all, &function, param);
            let no = no.map(|no| Candidate::new(no, Some("false")));
            std::iter::once(Candidate::new(format!("--{}", param.name), Some(&about))).chain(no)
        })
        .collect()
}

/// The names of all its parameters, each before its value.
pub(super) async fn named(place: &Place<'_>) -> Vec<Candidate> {
    let Some((all, function)) = function(place).await else { return Vec::new() };
    let params = function.types.params.iter();
    params
        .map(|param| {
            let about = wit_type::name(&all.types, param.ty);
            Candidate::new(format!("{}=", param.name), Some(&about))
        })
        .collect()
}

/// Values of one of its flags.
pub(super) async fn values(place: &Place<'_>, flag: &str, current: &str) -> Offer {
    let Some((all, function)) = function(place).await else { return Offer::default() };
    let params = &function.types.params;
    let param = params.iter().find(|param| param.name == flag);
    let is_opposite = || {
        let flag = format!("--{flag}");
        params.iter().any(|param| help::opposite(&all, &function, param).as_ref() == Some(&flag))
    };
    // Behind a flag that needs no value comes the next flag, too.
    let needs_value = match param {
        Some(param) => *all.types.kind(param.ty) != TypeKind::Bool,
        None => !is_opposite(),
    };
    if !needs_value && current.starts_with('-') {
        return Offer::from(flags(place).await);
    }
    match param {
        Some(param) => of_type(&all, param.ty, current),
        None => Offer::default(),
    }
}

/// A value in the order of the parameters.
pub(super) async fn positional_value(place: &Place<'_>) -> Offer {
    let Some((all, function)) = function(place).await else { return Offer::default() };
    let index = place.words.len().saturating_sub(3);
    match function.types.params.get(index) {
        Some(param) => of_type(&all, param.ty, &place.current),
        None => Offer::default(),
    }
}

fn of_type(all: &Functions, ty: jackfield_protocol::TypeId, current: &str) -> Offer {
    if let Some(path) = current.strip_prefix('@') {
        let mut offer = files::with_ending(path, "");
        for candidate in &mut offer.candidates {
            candidate.text.insert(0, '@');
        }
        return offer;
    }
    let words = wit_type::words(&all.types, ty);
    Offer::from(words.iter().map(|(word, docs)| Candidate::new(word, docs.as_deref())).collect::<Vec<_>>())
}

async fn function(place: &Place<'_>) -> Option<(Functions, ExportedFunction)> {
    let all = functions_of(place).await?;
    let function = callee::find(place.words.get(1)?, &all, place.words.get(2)?).ok()?.clone();
    Some((all, function))
}
