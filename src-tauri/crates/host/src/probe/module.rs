//! Writes a core module: imports first, then functions, which are declared before they are written, so that they
//! can call one another.

use std::collections::HashMap;

use wasm_encoder::{
    CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, ImportSection, MemoryType, Module, TypeSection, ValType,
};

type Signature = (Vec<ValType>, Vec<ValType>);

/// The memory of a forwarder: small, and as large as it has to be.
pub(super) const MEMORY_TYPE: MemoryType =
    MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };

/// A module in the making.
#[derive(Default)]
pub(super) struct Builder {
    types: TypeSection,
    known_types: HashMap<Signature, u32>,
    imports: ImportSection,
    imported: u32,
    functions: FunctionSection,
    bodies: Vec<Option<Function>>,
    globals: GlobalSection,
    pub(super) exports: ExportSection,
}

impl Builder {
    fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let signature = (params.to_vec(), results.to_vec());
        if let Some(index) = self.known_types.get(&signature) {
            return *index;
        }
        let index = self.types.len();
        self.types.ty().function(params.iter().copied(), results.iter().copied());
        self.known_types.insert(signature, index);
        index
    }

    /// Imports a function. All imports come before the first declaration.
    pub(super) fn import(
        &mut self,
        module: &str,
        name: &str,
        params: &[ValType],
        results: &[ValType],
    ) -> u32 {
        let ty = self.ty(params, results);
        self.imports.import(module, name, EntityType::Function(ty));
        self.imported += 1;
        self.imported - 1
    }

    pub(super) fn import_memory(&mut self, module: &str) {
        self.imports.import(module, "memory", MEMORY_TYPE);
    }

    /// A function that is written later.
    pub(super) fn declare(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let ty = self.ty(params, results);
        self.functions.function(ty);
        self.bodies.push(None);
        self.imported + self.bodies.len() as u32 - 1
    }

    /// Writes a function that is declared.
    pub(super) fn define(&mut self, function: u32, body: Function) {
        let place = function.checked_sub(self.imported);
        if let Some(written) = place.and_then(|place| self.bodies.get_mut(place as usize)) {
            *written = Some(body);
        }
    }

    pub(super) fn export(&mut self, name: &str, function: u32) {
        self.exports.export(name, ExportKind::Func, function);
    }

    /// A number that can be changed.
    pub(super) fn global(&mut self, value: i32) -> u32 {
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        self.globals.global(ty, &ConstExpr::i32_const(value));
        self.globals.len() - 1
    }

    /// The module, with the memory if it has one of its own.
    pub(super) fn finish(self, memory: Option<MemoryType>) -> Module {
        let mut code = CodeSection::new();
        for body in self.bodies {
            code.function(&body.unwrap_or_else(unreachable));
        }
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        if let Some(memory) = memory {
            let mut memories = wasm_encoder::MemorySection::new();
            memories.memory(memory);
            module.section(&memories);
        }
        module.section(&self.globals).section(&self.exports).section(&code);
        module
    }
}

fn unreachable() -> Function {
    let mut function = Function::new([]);
    function.instructions().unreachable().end();
    function
}

/// The locals of a function: its parameters, and what is added.
pub(super) struct Locals {
    params: u32,
    added: Vec<ValType>,
}

impl Locals {
    pub(super) fn after(params: usize) -> Self {
        Self { params: params as u32, added: Vec::new() }
    }

    pub(super) fn add(&mut self, ty: ValType) -> u32 {
        self.added.push(ty);
        self.params + self.added.len() as u32 - 1
    }

    /// The function that has them, with nothing in it.
    pub(super) fn function(self) -> Function {
        Function::new_with_locals_types(self.added)
    }
}
