//! What a server offers: tools, resources, templates and prompts, all as something with a name, a
//! description and a schema of what it takes, so that one form serves them all.

use std::sync::Arc;

use jackfield_protocol::{McpRequest, ToolView};
use serde_json::{Map, Value, json};

/// What kind of thing a server offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferKind {
    /// A tool to call.
    #[default]
    Tool,
    /// A resource to read.
    Resource,
    /// A family of resources.
    Template,
    /// A prompt to fill in.
    Prompt,
}

impl OfferKind {
    /// Every kind, in the order of their tabs.
    pub const ALL: [Self; 4] = [Self::Tool, Self::Resource, Self::Template, Self::Prompt];

    /// The heading over them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Tool => "Tools",
            Self::Resource => "Resources",
            Self::Template => "Templates",
            Self::Prompt => "Prompts",
        }
    }

    /// One of them, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Template => "template",
            Self::Prompt => "prompt",
        }
    }

    /// What is done with it.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Tool => "Call tool",
            Self::Resource | Self::Template => "Read resource",
            Self::Prompt => "Get prompt",
        }
    }

    /// The capability under which a server declares such things.
    #[must_use]
    pub fn capability(self) -> &'static str {
        match self {
            Self::Tool => "tools",
            Self::Resource | Self::Template => "resources",
            Self::Prompt => "prompts",
        }
    }

    /// Asks for a page of them.
    #[must_use]
    pub fn list(self, cursor: Option<String>) -> McpRequest {
        match self {
            Self::Tool => McpRequest::ListTools { cursor },
            Self::Resource => McpRequest::ListResources { cursor },
            Self::Template => McpRequest::ListResourceTemplates { cursor },
            Self::Prompt => McpRequest::ListPrompts { cursor },
        }
    }

    /// Where they stand in the result of a list.
    fn key(self) -> &'static str {
        match self {
            Self::Tool => "tools",
            Self::Resource => "resources",
            Self::Template => "resourceTemplates",
            Self::Prompt => "prompts",
        }
    }
}

/// Names something that a server offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferKey {
    /// What kind of thing.
    pub kind: OfferKind,
    /// The name of a tool or a prompt, the URI of a resource, the URI template.
    pub name: String,
}

/// Something that a server offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What it is.
    pub key: OfferKey,
    /// Its name for people.
    pub title: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// The schema of what it takes.
    pub schema: Arc<Value>,
    /// Hints: of a tool, those that are set; of a resource, its type and size.
    pub hints: Vec<String>,
}

impl From<ToolView> for Offer {
    fn from(tool: ToolView) -> Self {
        let annotated =
            tool.annotations.as_ref().and_then(|hints| hints.get("title")).and_then(Value::as_str);
        Self {
            title: tool.title.clone().or_else(|| annotated.map(str::to_owned)),
            hints: tool.annotations.as_ref().map(hints).unwrap_or_default(),
            description: tool.description,
            schema: Arc::new(tool.input_schema),
            key: OfferKey { kind: OfferKind::Tool, name: tool.name },
        }
    }
}

/// A tool's annotations in words. They are hints of a server that may be wrong about itself.
fn hints(annotations: &Value) -> Vec<String> {
    let says = |key: &str| annotations.get(key).and_then(Value::as_bool);
    let words = [
        (says("readOnlyHint") == Some(true), "reads only"),
        (says("destructiveHint") == Some(true), "may destroy"),
        (says("idempotentHint") == Some(true), "may be repeated"),
        (says("openWorldHint") == Some(true), "reaches outside"),
    ];
    words.into_iter().filter(|(is_said, _)| *is_said).map(|(_, word)| word.to_owned()).collect()
}

/// The offers in the result of a list, and the cursor of the next page. What has no name is left out.
#[must_use]
pub(super) fn page(kind: OfferKind, result: &Value) -> (Vec<Offer>, Option<String>) {
    let entries = result.get(kind.key()).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let next = result.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
    (entries.iter().filter_map(|entry| of_entry(kind, entry)).collect(), next)
}

fn of_entry(kind: OfferKind, entry: &Value) -> Option<Offer> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text(match kind {
        OfferKind::Tool | OfferKind::Prompt => "name",
        OfferKind::Resource => "uri",
        OfferKind::Template => "uriTemplate",
    })?;
    let schema = match kind {
        OfferKind::Prompt => of_prompt(entry),
        OfferKind::Template => of_names(variables(&name).map(|name| (name.to_owned(), None, true))),
        OfferKind::Tool | OfferKind::Resource => of_names(std::iter::empty()),
    };
    let size = entry.get("size").and_then(Value::as_u64).map(crate::text::size);
    let title = text("title").or_else(|| text("name").filter(|other| *other != name));
    let hints = text("mimeType").into_iter().chain(size).collect();
    let key = OfferKey { kind, name };
    Some(Offer { title, hints, description: text("description"), schema: Arc::new(schema), key })
}

fn of_prompt(entry: &Value) -> Value {
    let arguments = entry.get("arguments").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    of_names(arguments.iter().filter_map(|argument| {
        let name = argument.get("name")?.as_str()?.to_owned();
        let description = argument.get("description").and_then(Value::as_str).map(str::to_owned);
        let is_required = argument.get("required").and_then(Value::as_bool).unwrap_or(false);
        Some((name, description, is_required))
    }))
}

/// The schema of an object of texts.
fn of_names(names: impl Iterator<Item = (String, Option<String>, bool)>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, description, is_required) in names {
        let mut schema = json!({ "type": "string" });
        if let (Some(text), Some(schema)) = (description, schema.as_object_mut()) {
            schema.insert("description".to_owned(), text.into());
        }
        if is_required {
            required.push(name.clone());
        }
        properties.insert(name, schema);
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The variables of a URI template of RFC 6570.
fn variables(template: &str) -> impl Iterator<Item = &str> {
    let expressions = template.split('{').skip(1).filter_map(|part| part.split('}').next());
    expressions
        .flat_map(|expression| expression.trim_start_matches(['+', '#', '.', '/', ';', '?', '&']).split(','))
        .map(|name| name.trim_end_matches('*').split(':').next().unwrap_or(name))
}

/// A URI template with its variables filled in, as RFC 6570 has it for texts.
#[must_use]
pub(super) fn expand(template: &str, values: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((expression, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        expand_one(expression, values, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn expand_one(expression: &str, values: &Map<String, Value>, out: &mut String) {
    let operator = expression.chars().next().filter(|c| "+#./;?&".contains(*c));
    let (first, separator, is_named) = match operator {
        Some('#') => ("#", ",", false),
        Some('.') => (".", ".", false),
        Some('/') => ("/", "/", false),
        Some(';') => (";", ";", true),
        Some('?') => ("?", "&", true),
        Some('&') => ("&", "&", true),
        _ => ("", ",", false),
    };
    let keeps_reserved = matches!(operator, Some('+' | '#'));
    let mut lead = first;
    for name in variables(&format!("{{{expression}}}")) {
        let Some(value) = values.get(name).and_then(Value::as_str).filter(|value| !value.is_empty()) else {
            continue;
        };
        out.push_str(lead);
        lead = separator;
        if is_named {
            out.push_str(name);
            out.push('=');
        }
        encode(value, keeps_reserved, out);
    }
}

fn encode(text: &str, keeps_reserved: bool, out: &mut String) {
    for byte in text.bytes() {
        let c = char::from(byte);
        let is_plain = byte.is_ascii_alphanumeric() || "-._~".contains(c);
        if is_plain || (keeps_reserved && ":/?#[]@!$&'()*+,;=%".contains(c)) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl OfferKey {
    /// The request that uses it.
    #[must_use]
    pub fn request(&self, arguments: Map<String, Value>, timeout_millis: Option<u64>) -> McpRequest {
        let name = self.name.clone();
        match self.kind {
            OfferKind::Tool => McpRequest::CallTool { name, arguments, timeout_millis },
            OfferKind::Resource => McpRequest::ReadResource { uri: name },
            OfferKind::Template => McpRequest::ReadResource { uri: expand(&name, &arguments) },
            OfferKind::Prompt => McpRequest::GetPrompt { name, arguments },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let values = json!({ "a": "x y", "b": "p/q", "empty": "" });
        let values = values.as_object().unwrap();
        for (template, uri) in [
            ("file:///{a}", "file:///x%20y"),
            ("file:///{+b}/z", "file:///p/q/z"),
            ("t://{b}{?a,empty,none}", "t://p%2Fq?a=x%20y"),
            ("t:{/a,b}", "t:/x%20y/p%2Fq"),
            ("open {a", "open {a"),
            ("none", "none"),
        ] {
            assert_eq!(expand(template, values), uri, "{template}");
        }
        assert_eq!(variables("x{a}{?b,c*}{d:3}").collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn lists_give_offers_and_the_next_cursor() {
        let result = json!({ "prompts": [
            { "name": "greet", "arguments": [{ "name": "who", "required": true }, { "name": "how" }] },
            { "title": "no name" },
        ], "nextCursor": "2" });
        let (offers, next) = page(OfferKind::Prompt, &result);
        assert_eq!((offers.len(), next.as_deref()), (1, Some("2")));
        assert_eq!(offers[0].schema["required"], json!(["who"]));
        assert_eq!(page(OfferKind::Resource, &Value::Null).0, []);
    }
}
