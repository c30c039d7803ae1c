//! Writes what is said of a member of a composition into its code: how much memory it may have, and
//! whose code it is.
//!
//! A store knows only the sum of its memories, and a frame of a trap only its core module. So each
//! memory that a member defines gets the member's limit as its maximum, which the code itself then
//! keeps, and each core module gets the member's name in front of its own.

use std::ops::Range;

use jackfield_protocol::ComponentName;
use wasm_encoder::{
    Component, ComponentSectionId, CustomSection, Encode, MemorySection, MemoryType, Module, RawSection,
    SectionId,
};
use wasmparser::{BinaryReaderError, Chunk, KnownCustom, Name, Parser, Payload};

use crate::{
    HostError,
    failure::Failure,
    limiter::{Limit, MemberMemory, whole_pages},
};

/// The size of a page of memory that does not say its own.
const PAGE_IN_BYTES: u64 = 1 << 16;

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
            failure: Failure { limit: Some(limit), ..Failure::new("it cannot be instantiated") },
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
                let names = names(member.component.as_str(), custom.as_known(), custom.data());
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
        let rest = consumed
            + match &payload {
                Payload::ModuleSection { unchecked_range, .. }
                | Payload::ComponentSection { unchecked_range, .. } => unchecked_range.len(),
                _ => 0,
            };
        take(&payload)?;
        match payload {
            Payload::End(_) => return Ok(()),
            Payload::CodeSectionStart { .. }
            | Payload::ModuleSection { .. }
            | Payload::ComponentSection { .. } => parser.skip_section(),
            _ => {}
        }
        let rest = match payload {
            Payload::CodeSectionStart { size, .. } => consumed + size as usize,
            _ => rest,
        };
        bytes = bytes.get(rest..).unwrap_or_default();
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
            limit_in_bytes: whole_pages(member.limit_in_bytes),
        }));
    }
    let maximum = memory.maximum.map_or(limit_in_pages, |maximum| maximum.min(limit_in_pages));
    Ok(MemoryType {
        minimum: memory.initial,
        maximum: if is_usual { Some(maximum) } else { memory.maximum },
        memory64: memory.memory64,
        shared: memory.shared,
        page_size_log2: memory.page_size_log2,
    })
}

/// The name section with the member's name in front of the module's own.
fn names(member: &str, known: KnownCustom<'_>, data: &[u8]) -> Vec<u8> {
    let mut own = None;
    let mut others = data;
    if let KnownCustom::Name(reader) = known {
        for name in reader {
            // It is the first, if it is there.
            if let Ok(Name::Module { name, name_range }) = name {
                own = Some(name);
                let after = name_range.end.saturating_sub(data_start(data, name));
                let _ = after;
                others = data;
            }
            break;
        }
    }
    let mut out = Vec::new();
    match own {
        Some(own) => {
            module_name(&format!("{member}: {own}"), &mut out);
            out.extend_from_slice(after_first_subsection(others));
        }
        None => {
            module_name(member, &mut out);
            out.extend_from_slice(others);
        }
    }
    out
}
