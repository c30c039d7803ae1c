//! Changes input blindly, in the ways that break readers.

use std::ops::Range;

use super::generate::Choices;

/// What numbers and lengths look like at their limits, also in LEB128.
const ODD: [&[u8]; 12] = [
    &[0],
    &[1],
    &[0x7f],
    &[0x80],
    &[0xff],
    &[0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0xf0, 0x9f, 0x98, 0x82],
    &[0xef, 0xbb, 0xbf],
];

/// One of the inputs of a pool, with one to four changes.
pub(crate) fn mutated(choices: &mut Choices, pool: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = one(choices, pool);
    for _ in 0..=choices.below(4) {
        change(choices, &mut bytes, pool, words);
    }
    bytes
}

fn one(choices: &mut Choices, pool: &[Vec<u8>]) -> Vec<u8> {
    let index = choices.below(pool.len());
    pool[index].clone()
}

fn change(choices: &mut Choices, bytes: &mut Vec<u8>, pool: &[Vec<u8>], words: &[&str]) {
    if bytes.is_empty() {
        bytes.extend_from_slice(choices.one_of(&ODD));
    }
    let at = choices.below(bytes.len());
    match choices.below(if words.is_empty() { 8 } else { 12 }) {
        0 => bytes[at] ^= 1 << choices.below(8),
        1 => bytes[at] = u8::try_from(choices.below(256)).unwrap_or_default(),
        2 => drop(bytes.splice(at..at, choices.one_of(&ODD).iter().copied())),
        3 => {
            let odd = choices.one_of(&ODD);
            let end = (at + odd.len()).min(bytes.len());
            bytes.splice(at..end, odd.iter().copied());
        }
        4 => drop(bytes.drain(piece(choices, bytes))),
        5 => {
            let copy = bytes[piece(choices, bytes)].to_vec();
            bytes.splice(at..at, copy);
        }
        6 => {
            let other = one(choices, pool);
            let copy = other[piece(choices, &other)].to_vec();
            bytes.splice(at..at, copy);
        }
        7 => bytes.truncate(at),
        8 => drop(bytes.splice(at..at, choices.one_of(words).bytes())),
        9 => drop(bytes.splice(line(bytes, at), Vec::new())),
        10 => {
            let copy = bytes[line(bytes, at)].to_vec();
            let end = line(bytes, choices.below(bytes.len())).end;
            bytes.splice(end..end, copy);
        }
        _ => drop(bytes.splice(word(bytes, at), choices.one_of(words).bytes())),
    }
}

/// A part, seldom a long one.
fn piece(choices: &mut Choices, bytes: &[u8]) -> Range<usize> {
    if bytes.is_empty() {
        return 0..0;
    }
    let start = choices.below(bytes.len());
    let most = 1 << choices.below(12);
    start..(start + 1 + choices.below(most)).min(bytes.len())
}

/// The line that a byte is in, with its end.
fn line(bytes: &[u8], at: usize) -> Range<usize> {
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
    start..end
}

/// The word that a byte is in, or the byte if it is in none.
fn word(bytes: &[u8], at: usize) -> Range<usize> {
    let is_other = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"_-.".contains(byte);
    let start = bytes[..at].iter().rposition(is_other).map_or(0, |other| other + 1);
    let end = bytes[at..].iter().position(is_other).map_or(bytes.len(), |other| at + other);
    start..end.max(at + 1)
}
