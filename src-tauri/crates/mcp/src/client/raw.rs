//! Messages that someone wrote by hand: they go out as they stand, but for the id of a request.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The first id that is given to such a request: far from those of the SDK, which counts from 0, and yet a
/// number that every server can hold.
const FIRST_ID: u64 = 1_000_000_000;

/// Gives out ids that nobody has used.
#[derive(Default)]
pub(super) struct RawIds(AtomicU64);

/// A message to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawMessage {
    pub(super) text: String,
    /// Its id as JSON text, if it is a request.
    pub(super) id: Option<String>,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow, rename = "method")]
    _method: &'a RawValue,
}

impl RawIds {
    /// Replaces the id of a request, and nothing else in its text. What is no request stays as it is.
    pub(super) fn prepare(&self, text: &str) -> RawMessage {
        let Some((before, after)) = around_id(text) else {
            return RawMessage { text: text.to_owned(), id: None };
        };
        let id = (FIRST_ID + self.0.fetch_add(1, Ordering::Relaxed)).to_string();
        RawMessage { text: format!("{before}{id}{after}"), id: Some(id) }
    }
}

/// What stands before and behind the id of a request.
fn around_id(text: &str) -> Option<(&str, &str)> {
    let request: Request<'_> = serde_json::from_str(text).ok()?;
    let id = request.id.get();
    // The id is a piece of the text itself, so that its place is the distance of the two.
    let start = (id.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    Some((text.get(..start)?, text.get(start + id.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_id_of_a_request_alone() {
        let ids = RawIds::default();
        let text = "{ \"params\" : {\"id\": 7} , \"id\" :  7 , \"method\":\"ping\",\"odd\": [ ] }";
        let message = ids.prepare(text);
        assert_eq!(message.text, text.replace(":  7 ,", ":  1000000000 ,"));
        assert_eq!(message.id.as_deref(), Some("1000000000"));
        assert_eq!(ids.prepare(text).id.as_deref(), Some("1000000001"));
    }

    #[test]
    fn leaves_what_is_no_request() {
        for text in ["", "{", "{\"method\":\"n\"}", "{\"id\":1,\"result\":{}}", "[]", "text"] {
            assert_eq!(RawIds::default().prepare(text), RawMessage { text: text.to_owned(), id: None });
        }
    }
}
