//! What a file is, by its first bytes.
//!
//! People hand over the wrong file more often than a broken one: the core module beside the
//! component, the archive around it, the text that it was made from. Each of these has a magic
//! number of its own, and naming what was found says more than 'not a component'.

use crate::ReadProblem;

/// How many bytes [`check`] wants to see: enough to get past a comment at the top of a text file.
pub(crate) const HEAD_IN_BYTES: usize = 4096;

const MAGIC: &[u8] = b"\0asm";
/// Version and layer of a component (`Binary.md` of the component model's specification).
const COMPONENT: (u16, u16) = (13, 1);
/// Version and layer of a core module.
const CORE_MODULE: (u16, u16) = (1, 0);

const UNPACK: Option<&str> = Some("unpack it first");

/// First bytes, what they are the first bytes of, and what to do about it.
const KNOWN: &[(&[u8], &str, Option<&str>)] = &[
    (b"\x7fELF", "an ELF file: a native program, or a component that Wasmtime has compiled already", None),
    (b"\xcf\xfa\xed\xfe", "a Mach-O file: a native program or library", None),
    (b"\xca\xfe\xba\xbe", "a Mach-O or Java class file", None),
    (b"MZ", "a Windows program or library", None),
    (b"!<arch>\n", "a static library", None),
    (b"BC\xc0\xde", "LLVM bitcode", None),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"%PDF", "a PDF", None),
    (b"\x89PNG", "a PNG picture", None),
    (
        b"version https://git-lfs",
        "a Git LFS pointer: the file itself was not fetched",
        Some("run `git lfs pull`"),
    ),
];

/// Passes if `head`, the beginning of a file, is the beginning of a component.
///
/// `head` holds [`HEAD_IN_BYTES`], or the whole file if that is shorter.
pub(crate) fn check(head: &[u8]) -> Result<(), ReadProblem> {
    if head.is_empty() {
        return Err(ReadProblem::Empty);
    }
    if !head.starts_with(MAGIC) {
        return Err(if MAGIC.starts_with(head) { cut_off(head) } else { not_wasm(head) });
    }
    let Some(&[version_low, version_high, layer_low, layer_high]) = head.get(4..8) else {
        return Err(cut_off(head));
    };
    let version = u16::from_le_bytes([version_low, version_high]);
    let layer = u16::from_le_bytes([layer_low, layer_high]);
    match (version, layer) {
        COMPONENT => Ok(()),
        CORE_MODULE => Err(ReadProblem::CoreModule),
        _ => Err(ReadProblem::UnknownVersion { version, layer }),
    }
}

fn cut_off(head: &[u8]) -> ReadProblem {
    // A lone zero byte is more likely the beginning of zeros than that of a component.
    if head == [0] { not_wasm(head) } else { ReadProblem::CutOff { size_in_bytes: head.len() } }
}

fn not_wasm(head: &[u8]) -> ReadProblem {
    if let Some((_, looks_like, help)) = KNOWN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return ReadProblem::NotWasm { looks_like, help: *help };
    }
    if head.iter().all(|byte| *byte == 0) {
        return ReadProblem::NotWasm { looks_like: "zeros", help: Some("build or fetch it again") };
    }
    match text(head) {
        Some(text) if is_wat(text) => ReadProblem::Wat,
        Some(_) => ReadProblem::NotWasm { looks_like: "text", help: None },
        None => ReadProblem::NotWasm { looks_like: "binary data of an unknown kind", help: None },
    }
}

/// `head` as text, if it is text as far as it goes: the last character may be cut in two.
fn text(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c');
    text.chars().all(printable).then_some(text)
}

/// Whether `text` begins, after blanks and comments, with a component or a module.
fn is_wat(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let after_comment = if rest.starts_with(";;") {
            rest.split_once('\n').map(|(_, after)| after)
        } else if rest.starts_with("(;") {
            rest.split_once(";)").map(|(_, after)| after)
        } else {
            break;
        };
        match after_comment {
            Some(after) => rest = after.trim_start(),
            // The comment is longer than what we have; only WAT has comments like these.
            None => return true,
        }
    }
    let Some(keyword) = rest.strip_prefix('(') else { return false };
    let keyword = keyword.trim_start();
    keyword.starts_with("component") || keyword.starts_with("module")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_component_passes() {
        assert!(check(b"\0asm\x0d\0\x01\0").is_ok());
        assert!(matches!(check(b"\0asm\x01\0\0\0"), Err(ReadProblem::CoreModule)));
        assert!(matches!(
            check(b"\0asm\x0c\0\x01\0"),
            Err(ReadProblem::UnknownVersion { version: 12, layer: 1 })
        ));
        assert!(matches!(check(b""), Err(ReadProblem::Empty)));
        assert!(matches!(check(b"\0as"), Err(ReadProblem::CutOff { size_in_bytes: 3 })));
        assert!(matches!(check(b"\0asm\x0d\0\x01"), Err(ReadProblem::CutOff { size_in_bytes: 7 })));
    }

    #[test]
    fn what_it_is_instead_is_named() {
        let cases: &[(&[u8], &str)] = &[
            (&[0; 64], "zeros"),
            (&[0], "zeros"),
            (b"\x7fELF\x02\x01", "an ELF file"),
            (b"\x1f\x8b\x08", "a gzip archive"),
            (b"PK\x03\x04", "a zip archive"),
            (b"name = \"cron\"\n", "text"),
            ("caf\u{e9} ".as_bytes(), "text"),
            (b"caf\xc3", "text"),
            (b"\x01\x02\x03", "binary data"),
        ];
        for (head, expected) in cases {
            let problem = check(head).expect_err(expected).to_string();
            assert!(problem.contains(&format!("but {expected}")), "{problem}");
        }
    }

    #[test]
    fn webassembly_text_is_recognised_behind_comments() {
        for text in ["(component)", " ;; note\n(; more ;)\n( module $m", ";; a long comment"] {
            assert!(matches!(check(text.as_bytes()), Err(ReadProblem::Wat)), "{text}");
        }
        assert!(!matches!(check(b"(define x)"), Err(ReadProblem::Wat)));
    }
}
