//! The rule of exports: what another component has goes before what the host has.
//!
//! Of the components whose export fits, in version and in type:
//!
//! - One is taken.
//! - Of several that all but the last import the same as well, each is put in front of the next, in the
//!   order of the workload file: a *chain*. The consumer gets the first. A component in the chain gets the
//!   one behind it, and the last one looks on, as if the others did not exist: it ends up at the host.
//! - Of several others, the one with the highest version is taken. A new version that was added beside an
//!   old one is meant to be used, and whoever wants the old one says so in a row.
//! - Of several with the same highest version none is: that is ambiguous.
//!
//! Of one component's exports of an interface only the highest that fits counts.

use jackfield_protocol::{Diagnostic, LinkTarget, NotTaken, Reason, Rule};

use super::scene::{Export, Import, Scene};
use super::{Verdict, version, why};

/// The exports that have what is imported, sorted by whether they can be used.
pub(super) struct Exports<'a> {
    /// One for each component, in the order of the workload file; not the consumer's own.
    pub(super) fitting: Vec<Export<'a>>,
    /// All others, and why not.
    pub(super) unfit: Vec<NotTaken>,
    /// How many of `fitting` come before the consumer in the workload file, if the consumer itself has
    /// what it imports.
    own_place: Option<usize>,
}

/// Looks at every export of what is imported.
pub(super) fn look<'a>(scene: &Scene<'a>, import: Import<'a>) -> Exports<'a> {
    let mut found = Exports { fitting: Vec::new(), unfit: Vec::new(), own_place: None };
    for export in scene.exports(import) {
        let is_compatible = import.is_compatible(&export);
        if export.component == import.consumer {
            if is_compatible {
                found.own_place = Some(found.fitting.len());
            }
            found.unfit.push(not_taken(&export, Reason::Itself));
        } else if !is_compatible {
            found.unfit.push(not_taken(&export, Reason::OtherVersion));
        } else if let Some(mismatch) = scene.mismatch(import, &export) {
            found.unfit.push(not_taken(&export, Reason::Mismatch(mismatch)));
        } else {
            found.add_fitting(export);
        }
    }
    found
}

impl<'a> Exports<'a> {
    /// Keeps the highest version of each component. A component's exports come one after the other.
    fn add_fitting(&mut self, export: Export<'a>) {
        match self.fitting.last_mut().filter(|last| last.component == export.component) {
            Some(last) => {
                let lower = if is_higher(&export, last) { std::mem::replace(last, export) } else { export };
                self.unfit.push(not_taken(&lower, Reason::LowerVersion));
            }
            None => self.fitting.push(export),
        }
    }

    /// The link that the rule makes, or the ambiguity that it finds; neither if it has no answer.
    /// `others` gets what was not taken.
    pub(super) fn link(
        &self,
        scene: &Scene<'a>,
        import: Import<'a>,
        others: &mut Vec<NotTaken>,
    ) -> Option<Verdict> {
        let (place, rule) = match self.choose(scene, import) {
            Choice::Take(place, rule) => (place, rule),
            Choice::EndOfChain => {
                others.extend(self.fitting.iter().map(|export| not_taken(export, Reason::BeforeInChain)));
                return None;
            }
            Choice::Nothing => return None,
            Choice::Ambiguous => {
                return Some(Err(Box::new(Diagnostic::AmbiguousImport {
                    component: import.consumer.clone(),
                    import: import.name().to_owned(),
                    candidates: self.fitting.iter().map(Export::candidate).collect(),
                })));
            }
        };
        let taken = self.fitting.get(place)?;
        for (other, export) in self.fitting.iter().enumerate().filter(|(other, _)| *other != place) {
            let reason = match rule {
                Rule::Chain if other > place => Reason::BehindInChain,
                Rule::Chain => Reason::BeforeInChain,
                _ => Reason::LowerVersion,
            };
            others.push(not_taken(export, reason));
        }
        let why = why(rule, import, taken.version().map(str::to_owned));
        Some(Ok((taken.target(), why)))
    }

    fn choose(&self, scene: &Scene<'a>, import: Import<'a>) -> Choice {
        let imports = |export: &Export<'a>| scene.imports_it_too(export.component, import);
        if let Some(own) = self.own_place
            && self.is_chain(Some(own), imports)
        {
            return if own < self.fitting.len() {
                Choice::Take(own, Rule::Chain)
            } else {
                Choice::EndOfChain
            };
        }
        match self.fitting.as_slice() {
            [] => Choice::Nothing,
            [only] if only.port.port().name == import.name() => Choice::Take(0, Rule::SameName),
            [_] => Choice::Take(0, Rule::CompatibleVersion),
            _ if self.is_chain(None, imports) => Choice::Take(0, Rule::Chain),
            _ => self.highest(),
        }
    }

    /// Whether all but the last import what they export; the consumer, at `own`, does.
    fn is_chain(&self, own: Option<usize>, imports: impl Fn(&Export<'a>) -> bool) -> bool {
        let last = match own {
            Some(own) if own == self.fitting.len() => self.fitting.len(),
            _ => self.fitting.len().saturating_sub(1),
        };
        !self.fitting.is_empty() && self.fitting.iter().take(last).all(imports)
    }

    fn highest(&self) -> Choice {
        let mut best = 0;
        let mut is_shared = false;
        for (place, export) in self.fitting.iter().enumerate().skip(1) {
            let Some(highest) = self.fitting.get(best) else { continue };
            if is_higher(export, highest) {
                (best, is_shared) = (place, false);
            } else if !is_higher(highest, export) {
                is_shared = true;
            }
        }
        if is_shared { Choice::Ambiguous } else { Choice::Take(best, Rule::HighestVersion) }
    }
}

/// What the rule says of the exports that fit.
enum Choice {
    Take(usize, Rule),
    /// The consumer is the last of a chain.
    EndOfChain,
    Ambiguous,
    Nothing,
}

fn is_higher(one: &Export<'_>, other: &Export<'_>) -> bool {
    let precedence = |export: &Export<'_>| export.version().and_then(version::parse);
    match (precedence(one), precedence(other)) {
        // Build metadata does not count.
        (Some(one), Some(other)) => one.cmp_precedence(&other).is_gt(),
        _ => false,
    }
}

/// An export that was not taken.
pub(super) fn not_taken(export: &Export<'_>, reason: Reason) -> NotTaken {
    NotTaken { target: export.target(), version: export.version().map(str::to_owned), reason }
}

/// In the order of the workload file; the host comes last.
pub(super) fn sort(scene: &Scene<'_>, not_taken: &mut [NotTaken]) {
    not_taken.sort_by_cached_key(|it| match &it.target {
        LinkTarget::Component { name, .. } => scene.place(name),
        _ => usize::MAX,
    });
}
