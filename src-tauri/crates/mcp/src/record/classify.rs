//! What a frame is, told from its bytes with as little work as that takes: only the envelope of JSON-RPC is
//! read, and `params` and `result` are passed over.

use jackfield_protocol::{CallId, FrameKind};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The longest subject, in characters.
const SUBJECT_CHARS: usize = 120;

/// Where a response of one of Jackfield's workloads names the call that it caused.
const CALL_KEY: &str = "dev.jackfield/call";

/// A frame, looked into.
pub(crate) enum Message<'a> {
    /// One message.
    One(Envelope<'a>),
    /// Several in an array: JSON-RPC's batch, which the revision 2025-03-26 of MCP allows.
    Batch(Vec<Envelope<'a>>),
    /// None, for this reason.
    Malformed(String),
}

/// The parts of a JSON-RPC message, as they stand in its text.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(crate) params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(crate) result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Tells `null` from nothing at all, which `Option` alone does not.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Message<'a> {
    /// Looks into the bytes of a frame.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.trim(),
            Err(_) => return Self::Malformed("these bytes are not UTF-8".to_owned()),
        };
        match text.as_bytes().first() {
            None => Self::Malformed("an empty line, where a message should be".to_owned()),
            Some(b'[') => Self::batch(text),
            Some(b'{') => Self::one(text),
            Some(_) => Self::Malformed("text that is no JSON-RPC message".to_owned()),
        }
    }

    fn one(text: &'a str) -> Self {
        match serde_json::from_str::<Envelope<'a>>(text) {
            Ok(envelope) => match envelope.kind() {
                Ok(_) => Self::One(envelope),
                Err(reason) => Self::Malformed(reason.to_owned()),
            },
            Err(error) => Self::Malformed(format!("no JSON-RPC message: {error}")),
        }
    }

    fn batch(text: &'a str) -> Self {
        match serde_json::from_str::<Vec<Envelope<'a>>>(text) {
            Ok(envelopes) if envelopes.is_empty() => Self::Malformed("an empty batch".to_owned()),
            Ok(envelopes) => match envelopes.iter().find_map(|envelope| envelope.kind().err()) {
                None => Self::Batch(envelopes),
                Some(reason) => Self::Malformed(format!("a batch in which one is {reason}")),
            },
            Err(error) => Self::Malformed(format!("no batch of JSON-RPC messages: {error}")),
        }
    }

    /// The messages in it.
    pub(crate) fn envelopes(&self) -> &[Envelope<'a>] {
        match self {
            Self::One(envelope) => std::slice::from_ref(envelope),
            Self::Batch(envelopes) => envelopes,
            Self::Malformed(_) => &[],
        }
    }

    /// What it is. A batch is what its most telling part is: a request, else a response, an error, a notification.
    pub(crate) fn kind(&self) -> FrameKind {
        use FrameKind::{Error, Malformed, Notification, Request, Response};
        let kinds: Vec<FrameKind> =
            self.envelopes().iter().filter_map(|envelope| envelope.kind().ok()).collect();
        [Request, Response, Error, Notification]
            .into_iter()
            .find(|kind| kinds.contains(kind))
            .unwrap_or(Malformed)
    }

    pub(crate) fn id(&self) -> Option<String> {
        match self {
            Self::One(envelope) => envelope.id_text(),
            Self::Batch(_) | Self::Malformed(_) => None,
        }
    }

    pub(crate) fn method(&self) -> Option<String> {
        match self {
            Self::One(envelope) => envelope.method(),
            Self::Batch(envelopes) => {
                let mut methods: Vec<String> = envelopes.iter().filter_map(Envelope::method).collect();
                methods.dedup();
                (!methods.is_empty()).then(|| shorten(&methods.join(", ")))
            }
            Self::Malformed(_) => None,
        }
    }

    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::One(envelope) => envelope.subject(),
            Self::Batch(envelopes) => Some(format!("{} messages at once", envelopes.len())),
            Self::Malformed(_) => None,
        }
    }

    pub(crate) fn problem(&self) -> Option<String> {
        match self {
            Self::Malformed(reason) => Some(reason.clone()),
            _ => self.envelopes().iter().find_map(Envelope::problem),
        }
    }

    pub(crate) fn call(&self) -> Option<CallId> {
        self.envelopes().iter().find_map(Envelope::call)
    }
}

impl Envelope<'_> {
    /// What it is, or why it is nothing.
    pub(crate) fn kind(&self) -> Result<FrameKind, &'static str> {
        match (self.method, self.id, self.result, self.error) {
            (Some(method), _, None, None) if !method.get().starts_with('"') => {
                Err("a message whose `method` is no text")
            }
            (Some(_), Some(_), None, None) => Ok(FrameKind::Request),
            (Some(_), None, None, None) => Ok(FrameKind::Notification),
            (None, Some(_), Some(_), None) => Ok(FrameKind::Response),
            (None, _, None, Some(_)) => Ok(FrameKind::Error),
            (None, None, Some(_), None) => Err("a response without `id`"),
            (None, _, Some(_), Some(_)) => Err("a response with both `result` and `error`"),
            (None, _, None, None) => Err("an object without `method`, `result` or `error`"),
            (Some(_), ..) => Err("a message with both `method` and a result"),
        }
    }

    /// The id as JSON text, in one spelling for each value.
    pub(crate) fn id_text(&self) -> Option<String> {
        let text = self.id?.get();
        if text.contains('\\') {
            // "\u0061" and "a" are one id.
            return serde_json::from_str::<String>(text)
                .ok()
                .map(|id| serde_json::Value::from(id).to_string());
        }
        (text != "null").then(|| text.to_owned())
    }

    pub(crate) fn method(&self) -> Option<String> {
        text_of(self.method)
    }

    fn problem(&self) -> Option<String> {
        if self.jsonrpc.is_none_or(|version| version.get() != "\"2.0\"") {
            return Some("its `jsonrpc` is not \"2.0\"".to_owned());
        }
        let id = self.id?.get();
        let is_plain = id.starts_with('"') || id.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let may_be_null = id == "null" && self.error.is_some();
        (!is_plain && !may_be_null).then(|| "its `id` is neither a text nor a number".to_owned())
    }

    fn subject(&self) -> Option<String> {
        if let Some(error) = self.error {
            return read::<ErrorPart<'_>>(error)
                .and_then(|part| text_of(part.message))
                .map(|text| shorten(&text));
        }
        let part = read::<Subject<'_>>(self.params?)?;
        let named = [part.name, part.uri, part.protocol_version, part.message, part.level, part.reason];
        named.into_iter().find_map(text_of).map(|text| shorten(&text))
    }

    fn call(&self) -> Option<CallId> {
        let result = self.result?;
        if !result.get().contains(CALL_KEY) {
            return None;
        }
        let meta = read::<ResultPart<'_>>(result)?.meta?;
        read::<MetaPart>(meta)?.call.map(CallId)
    }
}

/// Where in `params` it may say what it is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    #[serde(borrow)]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    level: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorPart<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ResultPart<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MetaPart {
    #[serde(rename = "dev.jackfield/call")]
    call: Option<u64>,
}

/// Reads part of a message that may well be something else.
fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

fn text_of(raw: Option<&RawValue>) -> Option<String> {
    raw.and_then(read::<String>)
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(SUBJECT_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> FrameKind {
        Message::of(text.as_bytes()).kind()
    }

    #[test]
    fn tells_what_a_frame_is() {
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), FrameKind::Request);
        assert_eq!(kind(r#"{"jsonrpc":"2.0","method":"x"}"#), FrameKind::Notification);
        assert_eq!(kind(r#" {"jsonrpc":"2.0","id":1,"result":null} "#), FrameKind::Response);
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#), FrameKind::Error);
        for bad in ["", "hello", "42", "{", "{}", r#"{"id":1}"#, r#"{"method":1,"id":1}"#, "[]", "[1]"] {
            assert_eq!(kind(bad), FrameKind::Malformed, "{bad}");
        }
        assert_eq!(Message::of(b"\xff\xfe").kind(), FrameKind::Malformed);
    }

    #[test]
    fn a_batch_is_what_its_most_telling_part_is() {
        let text = r#"[{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":1,"method":"ping"}]"#;
        let batch = Message::of(text.as_bytes());
        assert_eq!(batch.kind(), FrameKind::Request);
        assert_eq!(batch.method().as_deref(), Some("n, ping"));
        assert_eq!(batch.subject().as_deref(), Some("2 messages at once"));
    }

    #[test]
    fn says_what_a_message_is_about() {
        let call = r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"add","arguments":{"name":"no"}}}"#;
        assert_eq!(Message::of(call.as_bytes()).subject().as_deref(), Some("add"));
        let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no such tool"}}"#;
        assert_eq!(Message::of(error.as_bytes()).subject().as_deref(), Some("no such tool"));
        let old = r#"{"id":true,"method":"ping"}"#;
        assert_eq!(Message::of(old.as_bytes()).problem().as_deref(), Some("its `jsonrpc` is not \"2.0\""));
    }

    #[test]
    fn finds_the_call_and_nothing_else_under_its_name() {
        let with = |call: &str| {
            let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"_meta":{{"{CALL_KEY}":{call}}}}}}}"#);
            Message::of(text.as_bytes()).call()
        };
        assert_eq!(with("7"), Some(CallId(7)));
        assert_eq!(with("\"7\""), None);
        assert_eq!(with("-1"), None);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = |text: &str| Message::of(text.as_bytes()).id();
        assert_eq!(id(r#"{"jsonrpc":"2.0","id":"\u0061","method":"m"}"#).as_deref(), Some("\"a\""));
        assert_eq!(id(r#"{"jsonrpc":"2.0","id": 1 ,"method":"m"}"#).as_deref(), Some("1"));
    }
}
