//! What the host refuses, told from what fails for other reasons.

use jackfield_protocol::{Outcome, Provider};
use wasmtime::component::Val;

/// The error codes of WASI for what is not allowed: of files, sockets, requests and stores.
const REFUSALS: [&str; 5] = ["access", "access-denied", "not-permitted", "read-only", "HTTP-request-denied"];

/// Whether the host says by a result that the component may not do what it asked for.
pub(super) fn is_refusal(provider: &Provider, result: Option<&Val>) -> bool {
    let (Provider::Host(_), Some(Val::Result(Err(Some(error))))) = (provider, result) else { return false };
    match &**error {
        Val::Enum(code) | Val::Variant(code, _) => REFUSALS.contains(&code.as_str()),
        _ => false,
    }
}

/// How a call ended, unless it is known already that it was refused: a refusal may come as some other error.
pub(super) fn end(known: &mut Outcome, outcome: Outcome) {
    if *known != Outcome::Denied {
        *known = outcome;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_refuses_and_only_by_its_codes() {
        let host = Provider::Host("wasi".into());
        let error = |error| Val::Result(Err(Some(Box::new(error))));
        let denied = error(Val::Enum("access-denied".into()));
        assert!(is_refusal(&host, Some(&denied)));
        assert!(is_refusal(&host, Some(&error(Val::Variant("not-permitted".into(), None)))));
        assert!(!is_refusal(&Provider::Component("a".into()), Some(&denied)));
        for other in [error(Val::Enum("no-entry".into())), Val::Result(Err(None)), Val::Result(Ok(None))] {
            assert!(!is_refusal(&host, Some(&other)), "{other:?}");
        }
        assert!(!is_refusal(&host, None));
    }

    #[test]
    fn what_is_refused_stays_so() {
        let mut outcome = Outcome::Unfinished;
        end(&mut outcome, Outcome::Error);
        assert_eq!(outcome, Outcome::Error);
        outcome = Outcome::Denied;
        end(&mut outcome, Outcome::Ok);
        assert_eq!(outcome, Outcome::Denied);
    }
}
