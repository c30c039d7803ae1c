//! Digests as registries and folders write them.
//!
//! [`Digest`] can be deserialised from any text, so whatever comes from a file or a server passes
//! through here before it becomes part of a path.

use jackfield_protocol::Digest;
use sha2::{Digest as _, Sha256};

const HEX_DIGITS: usize = 64;

/// The SHA-256 digest of `bytes`.
pub(crate) fn of(bytes: &[u8]) -> Digest {
    Digest::from_sha256(Sha256::digest(bytes).into())
}

/// The digest that `text` is, if it is `sha256:` and 64 small hexadecimal digits.
pub(crate) fn parse(text: &str) -> Option<Digest> {
    let digits = text.strip_prefix("sha256:").filter(|digits| is_hex(digits))?;
    let mut hash = [0; HEX_DIGITS / 2];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Digest::from_sha256(hash))
}

/// The hexadecimal digits of a well-formed digest, which are safe as a file's name.
pub(crate) fn hex(digest: &Digest) -> Option<&str> {
    digest.as_str().strip_prefix("sha256:").filter(|digits| is_hex(digits))
}

fn is_hex(digits: &str) -> bool {
    digits.len() == HEX_DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_small_sha256_digests_are_taken() {
        let digest = of(b"jackfield");
        assert_eq!(parse(digest.as_str()), Some(digest.clone()));
        assert_eq!(hex(&digest).map(str::len), Some(HEX_DIGITS));
        let digits = "ab".repeat(32);
        for text in [
            digits.clone(),
            format!("sha512:{digits}"),
            format!("sha256:{}", digits.to_uppercase()),
            format!("sha256:{}", &digits[1..]),
            format!("sha256:../{}", &digits[3..]),
            String::new(),
        ] {
            assert_eq!(parse(&text), None, "{text}");
        }
    }
}
