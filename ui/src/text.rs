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
    for part in parts(line) {
        part.push_to(&mut out);
    }
    Cow::Owned(out)
}

/// A part of a line that was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A character that can be shown.
    Char(char),
    /// A character that must not be shown as it is.
    Unsafe(char),
    /// A control sequence of ECMA-48: what stands between its introducer and its last character, and that.
    Control(&'a str, char),
}

impl Part<'_> {
    /// Writes what is seen of it.
    pub(crate) fn push_to(self, out: &mut String) {
        match self {
            Self::Char('\t') => out.push_str("    "),
            Self::Char(c) => out.push(c),
            Self::Unsafe(c) => out.extend(c.escape_unicode()),
            Self::Control(..) => {}
        }
    }
}

/// The parts of a line. Escape sequences that are no control sequence, and those that are cut off, are
/// left out.
pub(crate) fn parts(line: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = line.chars();
    std::iter::from_fn(move || {
        loop {
            match rest.next()? {
                introducer @ ('\u{1b}' | '\u{9b}') => {
                    if let Some((parameters, end)) = escape(introducer, &mut rest) {
                        return Some(Part::Control(parameters, end));
                    }
                }
                '\t' => return Some(Part::Char('\t')),
                c if is_unsafe(c) => return Some(Part::Unsafe(c)),
                c => return Some(Part::Char(c)),
            }
        }
    })
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Reads past an escape sequence of ECMA-48, whose first character was `first`. Gives what is in it if it
/// is a whole control sequence.
fn escape<'a>(first: char, rest: &mut std::str::Chars<'a>) -> Option<(&'a str, char)> {
    let kind = if first == '\u{9b}' { Some('[') } else { rest.next() };
    match kind {
        Some('[') => return control_sequence(rest),
        // A string (title, link, device control) ends with BEL or ESC \.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            while let Some(c) = rest.next() {
                let ends = c == '\u{7}' || (c == '\u{1b}' && rest.as_str().starts_with('\\'));
                if ends {
                    if c == '\u{1b}' {
                        rest.next();
                    }
                    break;
                }
            }
        }
        // Intermediate bytes, then one final byte.
        Some(' '..='/') => {
            rest.next();
        }
        _ => {}
    }
    None
}

/// A control sequence ends with a character from `@` to `~`, and is broken by one that it cannot have.
fn control_sequence<'a>(rest: &mut std::str::Chars<'a>) -> Option<(&'a str, char)> {
    let text = rest.as_str();
    let at = text.find(|c| !(' '..='?').contains(&c)).unwrap_or(text.len());
    let (parameters, after) = text.split_at(at);
    let mut after = after.chars();
    let end = after.clone().next().filter(|c| ('@'..='~').contains(c));
    if end.is_some() {
        after.next();
    }
    *rest = after;
    end.map(|end| (parameters, end))
}

/// Whether `text` has `needle`, which is in lower case, in any case. Allocates nothing for plain text.
#[must_use]
pub(crate) fn has(text: &str, needle: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(needle);
    }
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    needle.is_empty() || text.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// A duration as people say it: `850 µs`, `12.3 ms`, `4.20 s`.
#[must_use]
pub(crate) fn duration(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        1_000_000..120_000_000 => format!("{:.2} s", micros as f64 / 1e6),
        _ => format!("{} min {} s", micros / 60_000_000, micros / 1_000_000 % 60),
    }
}

/// A moment since a beginning, in seconds: `12.034501`.
#[must_use]
pub(crate) fn since(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// A day and a time of day, in the zone that the machine is in: `2026-03-01 13:07:41`.
#[must_use]
pub(crate) fn day_and_time(unix_micros: u64) -> String {
    let unix_micros = i64::try_from(unix_micros).unwrap_or(i64::MAX);
    let offset = i64::from(local_offset_minutes(unix_micros)) * 60;
    let days = (unix_micros.div_euclid(1_000_000) + offset).div_euclid(24 * 60 * 60);
    let (year, month, day) = civil(days);
    let time = time_of_day(unix_micros);
    format!("{year:04}-{month:02}-{day:02} {}", time.get(..8).unwrap_or(&time))
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar: eras of 400 years that begin in
/// March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The first `max_chars` characters, and an ellipsis if there were more.
#[must_use]
pub(crate) fn shortened(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or(text))),
    }
}

/// As much of both ends as `fits`, with an ellipsis between them.
#[must_use]
pub(crate) fn cut_in_middle(text: &str, fits: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if fits(text) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let cut = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let ends = chars.iter().take(head).chain(&['…']).chain(chars.iter().skip(chars.len() - tail));
        ends.collect()
    };
    // The most that fits is between these.
    let (mut fitting, mut too_much) = (0, chars.len());
    while fitting + 1 < too_much {
        let middle = usize::midpoint(fitting, too_much);
        if fits(&cut(middle)) { fitting = middle } else { too_much = middle }
    }
    Cow::Owned(cut(fitting))
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

/// A large number that can be read: `12 345 678`.
#[must_use]
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 component`, `2 components`.
#[must_use]
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number as u64))
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
    fn days_and_durations_read_well() {
        assert_eq!(day_and_time(0), "1970-01-01 00:00:00");
        assert_eq!(day_and_time(951_782_400_000_000), "2000-02-29 00:00:00");
        assert_eq!(day_and_time(1_700_000_000_123_456), "2023-11-14 22:13:20");
        for (micros, text) in [(0, "0 µs"), (999, "999 µs"), (12_345, "12.3 ms"), (4_200_000, "4.20 s")] {
            assert_eq!(duration(micros), text);
        }
        assert_eq!(duration(150_000_000), "2 min 30 s");
        assert_eq!(since(12_034_501), "12.034501");
    }

    #[test]
    fn searching_ignores_case_in_every_script() {
        for (text, needle, found) in [
            ("Hello", "hell", true),
            ("Hello", "", true),
            ("", "", true),
            ("", "a", false),
            ("abc", "abcd", false),
            ("GRÜSSE", "grüsse", true),
            ("plain", "ü", false),
        ] {
            assert_eq!(has(text, needle), found, "{text} {needle}");
        }
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shortened("日本語", 3), "日本語");
        assert_eq!(shortened("日本語", 2), "日本…");
        assert_eq!(count(1, "link"), "1 link");
        assert_eq!(count(0, "link"), "0 links");
        assert_eq!(count(30_004, "frame"), "30 004 frames");
    }

    #[test]
    fn a_name_is_cut_so_that_both_ends_show() {
        let cut = |text, max: usize| cut_in_middle(text, |text| text.chars().count() <= max).into_owned();
        assert_eq!(cut("number-01-square", 16), "number-01-square");
        assert_eq!(cut("number-01-square", 9), "numb…uare");
        assert_eq!(cut("日本語の名前", 4), "日本…前");
        assert_eq!(cut("abc", 0), "…");
    }
}
