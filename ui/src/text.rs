//! Text that is safe and pleasant to look at: untrusted lines made harmless, sizes and times made
//! readable. Pure functions.

use std::borrow::Cow;

/// What a person sees of a line that a component printed.
///
/// Escape sequences (colours, cursor movements, window titles, links) are taken out, a tab becomes
/// four spaces, and every other character that would not show, or would change how its neighbours
/// show (controls, bidirectional overrides, invisible joiners), is written as its code, `\u{202e}`.
#[must_use]
pub(crate) fn printable(line: &str) -> Cow<'_, str> {
    if !line.chars().any(|c| c == '\t' || is_unsafe(c)) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' => out.push_str("    "),
            '\u{1b}' | '\u{9b}' => skip_escape(c, &mut chars),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Reads past an escape sequence of ECMA-48, whose first character was `first`.
fn skip_escape(first: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = if first == '\u{9b}' { Some('[') } else { chars.next() };
    match kind {
        // A control sequence ends with a character from `@` to `~`.
        Some('[') => {
            while let Some(&c) = chars.peek() {
                if !(' '..='~').contains(&c) {
                    break;
                }
                chars.next();
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        // A string (title, link, device control) ends with BEL or ESC \.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        // Intermediate bytes, then one final byte.
        Some(' '..='/') => {
            chars.next();
        }
        _ => {}
    }
}

/// The first `max_chars` characters, and an ellipsis if there were more.
#[must_use]
pub(crate) fn shortened(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or(text))),
    }
}

/// A length in bytes as people say it: `512 B`, `18.3 KiB`, `2.0 MiB`.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).copied().unwrap_or("TiB"))
}

/// `1 component`, `2 components`.
#[must_use]
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The time of day, with milliseconds, in the zone that the machine is in: `13:07:41.250`.
#[must_use]
pub(crate) fn time_of_day(unix_micros: i64) -> String {
    let millis = unix_micros.div_euclid(1000) + i64::from(local_offset_minutes(unix_micros)) * 60_000;
    let of_day = millis.rem_euclid(24 * 60 * 60 * 1000);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Local time minus UTC at that moment. The webview knows the zone; a native build, which only
/// tests use, shows UTC so that they say the same everywhere.
#[cfg(target_arch = "wasm32")]
fn local_offset_minutes(unix_micros: i64) -> i32 {
    let millis = wasm_bindgen::JsValue::from_f64((unix_micros / 1000) as f64);
    -(js_sys::Date::new(&millis).get_timezone_offset() as i32)
}

#[cfg(not(target_arch = "wasm32"))]
fn local_offset_minutes(_unix_micros: i64) -> i32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_vanish_and_what_is_left_is_shown() {
        for (line, shown) in [
            ("plain ünïcode 日本", "plain ünïcode 日本"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}[38;2;1;2;3mtrue colour", "true colour"),
            ("\u{9b}1mc1", "c1"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}(Bcharset", "charset"),
            ("\u{1b}[2J\u{1b}[Hcleared", "cleared"),
            ("a\tb", "a    b"),
            ("bell\u{7}", "bell\\u{7}"),
            ("over\rwritten", "over\\u{d}written"),
            ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
            ("cut \u{1b}[3", "cut "),
            ("cut \u{1b}", "cut "),
            ("\u{1b}[3\u{7}x", "\\u{7}x"),
        ] {
            assert_eq!(printable(line), shown, "{line:?}");
        }
    }

    #[test]
    fn sizes_have_three_digits_and_a_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (18_739, "18.3 KiB"),
            (1_048_575, "1.0 MiB"),
            (2_097_152, "2.0 MiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn time_of_day_is_right_before_and_after_the_epoch() {
        assert_eq!(time_of_day(0), "00:00:00.000");
        assert_eq!(time_of_day(1_700_000_000_123_456), "22:13:20.123");
        assert_eq!(time_of_day(-1), "23:59:59.999");
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shortened("日本語", 3), "日本語");
        assert_eq!(shortened("日本語", 2), "日本…");
        assert_eq!(count(1, "link"), "1 link");
        assert_eq!(count(0, "link"), "0 links");
    }
}
