//! Writes what is said of a member of a composition into its code: how much memory it may have, and
//! whose code it is.
//!
//! A store knows only the sum of its memories, and a frame of a trap only its core module. So each
//! memory that a member defines gets the member's limit as its maximum, which the code itself then
//! keeps, and each core module gets the member's name in front of its own.

use std::ops::Range;

use wasm_encoder::{
    Component, ComponentSectionId, CustomSection, Encode, MemorySection, MemoryType, Module, RawSection,
};
use wasmparser::{BinaryReader, BinaryReaderError, Chunk, Parser, Payload};

use crate::{
    HostError,
    failure::Failure,
    limiter::{Limit, MemberMemory},
};

/// The size of a page of memory that does not say its own.
const PAGE_IN_BYTES: u64 = 1 << 16;
/// What a memory with addresses of 32 bits can have.
const MAX_PAGES_32: u64 = 1 << 16;
/// The subsection of the name section that names the module.
const MODULE_NAME: u8 = 0;

/// The binary of a member with its limit and its name in it.
///
/// # Errors
/// If a memory is larger from the first than it may ever be, or the binary is not a component.
pub(crate) fn bounded(member: &MemberMemory, bytes: &[u8]) -> Result<Vec<u8>, HostError> {
    let component = member.component.clone();
    component_sections(member, bytes).map(Component::finish).map_err(|problem| match problem {
        Problem::Binary(error) => HostError::Compose { component, reason: error.to_string() },
        Problem::Limit(limit) => HostError::Failed {
            component,
            failure: Failure { limit: Some(Box::new(limit)), ..Failure::new("it cannot be instantiated") },
        },
    })
}

enum Problem {
    Binary(BinaryReaderError),
    Limit(Limit),
}

impl From<BinaryReaderError> for Problem {
    fn from(error: BinaryReaderError) -> Self {
        Self::Binary(error)
    }
}

fn component_sections(member: &MemberMemory, bytes: &[u8]) -> Result<Component, Problem> {
    let mut out = Component::new();
    sections(bytes, |payload| {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                let module = module_sections(member, part(bytes, unchecked_range))?.finish();
                out.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: &module });
            }
            Payload::ComponentSection { unchecked_range, .. } => {
                let nested = component_sections(member, part(bytes, unchecked_range))?.finish();
                out.section(&RawSection { id: ComponentSectionId::Component.into(), data: &nested });
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    out.section(&RawSection { id, data: part(bytes, &range) });
                }
            }
        }
        Ok(())
    })?;
    Ok(out)
}

fn module_sections(member: &MemberMemory, bytes: &[u8]) -> Result<Module, Problem> {
    let mut out = Module::new();
    let mut is_named = false;
    sections(bytes, |payload| {
        match payload {
            Payload::MemorySection(reader) => {
                let mut memories = MemorySection::new();
                for memory in reader.clone() {
                    memories.memory(limited(member, memory?)?);
                }
                out.section(&memories);
            }
            Payload::CustomSection(custom) if custom.name() == "name" => {
                is_named = true;
                let names = names(member.component.as_str(), custom.data());
                out.section(&CustomSection { name: "name".into(), data: names.into() });
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    out.section(&RawSection { id, data: part(bytes, &range) });
                }
            }
        }
        Ok(())
    })?;
    if !is_named {
        let mut data = Vec::new();
        module_name(member.component.as_str(), &mut data);
        out.section(&CustomSection { name: "name".into(), data: data.into() });
    }
    Ok(out)
}

/// Hands out the sections of a binary, and not what is inside of them.
fn sections<'a>(
    mut bytes: &'a [u8],
    mut take: impl FnMut(&Payload<'a>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut parser = Parser::new(0);
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(bytes, true)? else { return Ok(()) };
        // What is inside of these follows in `bytes`, and is not consumed yet.
        let inside = match &payload {
            Payload::ModuleSection { unchecked_range, .. }
            | Payload::ComponentSection { unchecked_range, .. } => unchecked_range.len(),
            Payload::CodeSectionStart { size, .. } => *size as usize,
            _ => 0,
        };
        take(&payload)?;
        match payload {
            Payload::End(_) => return Ok(()),
            Payload::CodeSectionStart { .. } => parser.skip_section(),
            _ => {}
        }
        bytes = bytes.get(consumed + inside..).unwrap_or_default();
    }
}

fn part<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

fn limited(member: &MemberMemory, memory: wasmparser::MemoryType) -> Result<MemoryType, Problem> {
    let is_usual = !memory.shared && memory.page_size_log2.is_none();
    let limit_in_pages = member.limit_in_bytes / PAGE_IN_BYTES;
    if is_usual && memory.initial > limit_in_pages {
        return Err(Problem::Limit(Limit::Memory {
            component: Some(member.component.clone()),
            wanted_in_bytes: memory.initial.saturating_mul(PAGE_IN_BYTES),
            limit_in_bytes: member.limit_in_bytes,
        }));
    }
    // More than it can address is no maximum that it may have.
    let maximum = if memory.memory64 { limit_in_pages } else { limit_in_pages.min(MAX_PAGES_32) };
    let maximum = memory.maximum.map_or(maximum, |own| own.min(maximum));
    Ok(MemoryType {
        minimum: memory.initial,
        maximum: if is_usual { Some(maximum) } else { memory.maximum },
        memory64: memory.memory64,
        shared: memory.shared,
        page_size_log2: memory.page_size_log2,
    })
}

/// The name section with the member's name in front of the module's own.
fn names(member: &str, data: &[u8]) -> Vec<u8> {
    let (own, others) = split_names(data).unwrap_or((None, data));
    let mut out = Vec::new();
    match own {
        Some(own) => module_name(&format!("{member}: {own}"), &mut out),
        None => module_name(member, &mut out),
    }
    out.extend_from_slice(others);
    out
}

/// The module's own name, and all other names. The module's comes first, if it is there.
fn split_names(data: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let mut reader = BinaryReader::new(data, 0);
    if reader.read_u8().ok()? != MODULE_NAME {
        return None;
    }
    let body = reader.read_var_u32().ok()?;
    reader.read_bytes(body as usize).ok()?;
    let others = data.get(reader.original_position()..)?;
    let name = data.get(..reader.original_position())?;
    let mut name = BinaryReader::new(name, 0);
    name.read_u8().ok()?;
    name.read_var_u32().ok()?;
    Some((name.read_string().ok(), others))
}

/// A subsection of the name section that names the module.
fn module_name(name: &str, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    name.encode(&mut body);
    out.push(MODULE_NAME);
    body.encode(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(limit_in_bytes: u64) -> MemberMemory {
        MemberMemory { component: "part".into(), limit_in_bytes }
    }

    fn bounded_text(limit_in_bytes: u64, module: &str) -> String {
        let text = format!("(component (core module {module}) (component (core module $deep (memory 1))))");
        let bytes = bounded(&member(limit_in_bytes), &wat::parse_str(text).unwrap()).unwrap();
        wasmparser::Validator::new().validate_all(&bytes).unwrap();
        described(&bytes)
    }

    /// The memories and the module names in a component, in its order.
    fn described(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.unwrap() {
                Payload::MemorySection(reader) => {
                    for memory in reader {
                        let memory = memory.unwrap();
                        out.push(format!("{} {:?}", memory.initial, memory.maximum));
                    }
                }
                Payload::CustomSection(custom) if custom.name() == "name" => {
                    out.push(split_names(custom.data()).and_then(|(name, _)| name).unwrap_or("").to_owned());
                }
                _ => {}
            }
        }
        out.join(", ")
    }

    #[test]
    fn every_memory_gets_the_limit_and_every_module_the_name() {
        for (module, expected) in [
            ("(memory 1)", "1 Some(3), part"),
            ("$own (memory 1 2)", "1 Some(2), part: own"),
            ("(memory i64 0 100) (func $named)", "0 Some(3), part"),
            ("", "part"),
        ] {
            let text = bounded_text((3 << 16) + 5, module);
            assert_eq!(text, format!("{expected}, 1 Some(3), part: deep"), "{module}");
        }
    }

    #[test]
    fn more_than_a_memory_can_address_is_no_limit_of_it() {
        let text = bounded_text(5 << 30, "$big (memory 1) (memory i64 1) (memory 1 9)");
        assert_eq!(text, "1 Some(65536), 1 Some(81920), 1 Some(9), part: big, 1 Some(65536), part: deep");
    }

    #[test]
    fn a_memory_that_begins_over_the_limit_is_refused() {
        let bytes = wat::parse_str("(component (core module (memory 4)))").unwrap();
        let error = bounded(&member(3 << 16), &bytes).unwrap_err().to_string();
        assert!(error.contains("`part` wanted 256 KiB of memory, and its limit is 192 KiB"), "{error}");
        let error = bounded(&member(1 << 10), &bytes).unwrap_err().to_string();
        assert!(error.contains("its limit is 1 KiB"), "{error}");
        let error = bounded(&member(0), &bytes).unwrap_err().to_string();
        assert!(error.contains("its limit is 0 bytes"), "{error}");
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let bytes = wat::parse_str("(component (core module (memory 1)))").unwrap();
        for end in 0..bytes.len() {
            // Cut between two sections, it may still be a component.
            let _ = bounded(&member(1 << 20), &bytes[..end]);
        }
    }
}
