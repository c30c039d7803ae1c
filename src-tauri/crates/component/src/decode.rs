//! Validates a component and walks its sections.
//!
//! Validation comes first and covers every function body, so that a broken file is found when it is
//! opened and not when it is started, and so that everything after it can rely on a well-formed binary.

use jackfield_protocol::{Direction, Port, Producer};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentItem};
use wasmparser::types::Types;
use wasmparser::{BinaryReader, ComponentExternName, Error, Parser, Payload, Validator, WasmFeatures};

use crate::ReadProblem;
use crate::collect::{PortTypes, collect};
use crate::docs::PackageDocs;
use crate::ports::Describer;
use crate::producers::Producers;

/// Magic number, version and layer.
const HEADER_IN_BYTES: usize = 8;

/// Longer messages of the validator are cut.
const MAX_MESSAGE_IN_BYTES: usize = 600;

/// What a component tells about itself.
pub(crate) struct Decoded {
    pub(crate) ports: Vec<Port>,
    pub(crate) producers: Vec<Producer>,
    /// The types of `ports`, in their order.
    pub(crate) types: PortTypes,
}

/// One import or export, as the validator knows it.
pub(crate) struct Extern<'a> {
    pub(crate) direction: Direction,
    pub(crate) name: String,
    /// The interface that it is, where the name does not say it.
    pub(crate) implements: Option<String>,
    pub(crate) item: &'a ComponentItem,
}

/// Reads a component whose header has been checked.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ReadProblem> {
    let problem = |error: Error| problem(&error, bytes);
    let types = Validator::new_with_features(features()).validate_all(bytes).map_err(problem)?;
    let sections = Sections::read(bytes, &types).map_err(problem)?;
    if sections.is_wit_package() {
        return Err(ReadProblem::WitPackage);
    }
    let mut ports = Describer::new(&types, &sections.externs).ports(&sections.externs)?;
    if let Some(docs) = &sections.docs {
        docs.attach(&mut ports);
    }
    let docs = sections.docs.as_ref().map(|docs| docs.types(&ports));
    let types = collect(&types, &sections.externs, &ports, docs.as_ref())?;
    Ok(Decoded { ports, producers: sections.producers.finish(), types })
}

/// What a component may use: all that Wasmtime 48 has on by default, and the component model's
/// proposals that it can be told to accept, so that such a component can at least be looked at.
fn features() -> WasmFeatures {
    WasmFeatures::WASM3
        | WasmFeatures::GC_TYPES
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::COMPONENT_MODEL
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS
        | WasmFeatures::CM_THREADING
        | WasmFeatures::CM_ERROR_CONTEXT
        | WasmFeatures::CM_MAP
        | WasmFeatures::CM_FIXED_LENGTH_LISTS
        | WasmFeatures::CM_IMPLEMENTS
}

fn problem(error: &Error, bytes: &[u8]) -> ReadProblem {
    if is_cut_off(bytes) {
        return ReadProblem::CutOff { size_in_bytes: bytes.len() };
    }
    ReadProblem::Invalid {
        message: printable(error.message()),
        offset: error.offset(),
        unsupported: error.missing_wasm_feature().is_some(),
    }
}

/// The validator's message in one line of moderate length: it repeats names from the file, which may hold
/// anything. Further lines of it are its context, from the outside in.
fn printable(message: &str) -> String {
    let mut text = String::new();
    for c in message.replace('\n', ": ").chars() {
        if text.len() > MAX_MESSAGE_IN_BYTES {
            text.push('…');
            break;
        }
        if c.is_control() { text.extend(c.escape_unicode()) } else { text.push(c) }
    }
    text
}

/// Whether the last section promises more bytes than there are. The validator's message does not
/// tell: it says 'unexpected end-of-file' of every length that is wrong, on any level.
fn is_cut_off(bytes: &[u8]) -> bool {
    let mut reader = BinaryReader::new(bytes, 0);
    if reader.read_bytes(HEADER_IN_BYTES).is_err() {
        return true;
    }
    while !reader.eof() {
        let section = reader.read_u8().and_then(|_id| reader.read_var_u32());
        let Ok(len) = section else { return true };
        if reader.read_bytes(len as usize).is_err() {
            return true;
        }
    }
    false
}

/// The parts of a component that describe it.
struct Sections<'a> {
    externs: Vec<Extern<'a>>,
    producers: Producers,
    docs: Option<PackageDocs>,
}

impl<'a> Sections<'a> {
    fn read(bytes: &[u8], types: &'a Types) -> Result<Self, Error> {
        let mut sections = Self { externs: Vec::new(), producers: Producers::default(), docs: None };
        let mut parser = Parser::new(0);
        parser.set_features(features());
        let mut depth = 0_usize;
        for payload in parser.parse_all(bytes) {
            match payload? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 1 => {
                    for import in imports {
                        let name = import?.name;
                        let item = types.component_item_for_import(name.name);
                        sections.push(Direction::Import, name, item);
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    for export in exports {
                        let name = export?.name;
                        let item = types.component_item_for_export(name.name);
                        sections.push(Direction::Export, name, item);
                    }
                }
                Payload::CustomSection(section) => match section.name() {
                    "producers" => sections.producers.read(section.data_reader(), depth),
                    PackageDocs::SECTION if depth == 1 => {
                        sections.docs = sections.docs.or_else(|| PackageDocs::parse(section.data()));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(sections)
    }

    fn push(&mut self, direction: Direction, name: ComponentExternName<'_>, item: Option<&'a ComponentItem>) {
        // After validation every name is known.
        if let Some(item) = item {
            let implements = name.implements.map(str::to_owned);
            self.externs.push(Extern { direction, name: name.name.to_owned(), implements, item });
        }
    }

    /// A WIT package is encoded as a component that does nothing but export types of components.
    fn is_wit_package(&self) -> bool {
        let is_component_type = |external: &Extern<'_>| {
            external.direction == Direction::Export
                && matches!(
                    external.item.ty,
                    ComponentEntityType::Type { created: ComponentAnyTypeId::Component(_), .. }
                )
        };
        !self.externs.is_empty() && self.externs.iter().all(is_component_type)
    }
}
