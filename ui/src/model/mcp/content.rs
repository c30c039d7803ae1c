//! A tool's result, a resource's content or a prompt's messages as text that a person can read.

use std::fmt::Write as _;

use serde_json::Value;

/// Longer texts are cut where they are shown; copying takes all of it.
pub(crate) const MAX_SHOWN_CHARS: usize = 200_000;

/// What a result says: its texts with their line breaks, everything else by type and size, then the
/// structured content; as JSON if it is none of the known forms.
#[must_use]
pub(super) fn readable(result: &Value) -> String {
    let mut out = String::new();
    let lists =
        ["content", "contents"].into_iter().filter_map(|key| result.get(key).and_then(Value::as_array));
    for block in lists.flatten() {
        write_block(block, &mut out);
    }
    for message in result.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let role = message.get("role").and_then(Value::as_str).unwrap_or("message");
        let _ = writeln!(out, "{role}:");
        write_block(message.get("content").unwrap_or(&Value::Null), &mut out);
    }
    if let Some(structured) = result.get("structuredContent") {
        let pretty = serde_json::to_string_pretty(structured).unwrap_or_default();
        // Servers repeat the structured content as text; once is enough.
        let is_repeated = serde_json::from_str::<Value>(out.trim()).is_ok_and(|text| text == *structured);
        if !is_repeated {
            let _ = writeln!(out, "{pretty}");
        }
    }
    if out.is_empty() { serde_json::to_string_pretty(result).unwrap_or_default() } else { out }
}

fn write_block(block: &Value, out: &mut String) {
    let text = |key: &str| block.get(key).and_then(Value::as_str);
    let kind = text("type").unwrap_or_default();
    if let Some(words) = text("text") {
        let _ = writeln!(out, "{words}");
        return;
    }
    if let Some(data) = text("data").or_else(|| text("blob")) {
        let mime = text("mimeType").unwrap_or("unknown type");
        let _ =
            writeln!(out, "[{} {mime}, {}]", if kind.is_empty() { "data" } else { kind }, decoded_size(data));
        return;
    }
    match (kind, block.get("resource")) {
        (_, Some(resource)) => {
            let uri = resource.get("uri").and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(out, "[resource {uri}]");
            write_block(resource, out);
        }
        ("resource_link", None) => {
            let _ = writeln!(out, "[link {}]", text("uri").unwrap_or_default());
        }
        _ => {
            let _ = writeln!(out, "{}", serde_json::to_string_pretty(block).unwrap_or_default());
        }
    }
}

/// The size of what is written in base64.
fn decoded_size(base64: &str) -> String {
    let padding = base64.bytes().rev().take_while(|byte| *byte == b'=').count();
    let bytes = (base64.len() / 4 * 3).saturating_sub(padding);
    crate::text::size(u64::try_from(bytes).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_are_readable() {
        let result = json!({ "content": [
            { "type": "text", "text": "two\nlines" },
            { "type": "image", "mimeType": "image/png", "data": "AAAAAAA=" },
            { "type": "resource", "resource": { "uri": "a://b", "text": "inside" } },
            { "type": "resource_link", "uri": "c://d" },
        ], "structuredContent": { "result": 5 } });
        let text = readable(&result);
        assert_eq!(
            text,
            "two\nlines\n[image image/png, 5 B]\n[resource a://b]\ninside\n[link c://d]\n{\n  \"result\": 5\n}\n"
        );
        let twice =
            json!({ "content": [{ "type": "text", "text": "{\"r\":5}" }], "structuredContent": {"r": 5} });
        assert_eq!(readable(&twice), "{\"r\":5}\n");
        assert_eq!(readable(&json!({})), "{}");
        let prompt = json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": "hi" } }] });
        assert_eq!(readable(&prompt), "user:\nhi\n");
    }
}
