//! The core code of a forwarder: two modules.
//!
//! The first has the memory through which strings and lists pass, with an allocator that only ever goes
//! forward: what a call used is given back as a whole once its caller has read the result. That is sound
//! because a component instance is in one call at a time (functions that are not so are not probed).
//!
//! The second has, for each function, one that does the same with a call to the host before and after.

use wac_graph::types::ResourceId;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, InstructionSink, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};

use super::abi::Layout;

/// Nothing is allocated below, so that no pointer is null.
const BASE: i32 = 16;
/// Bytes of a page of memory, as a power of two.
const PAGE_BITS: i32 = 16;
/// So many bytes after a result the host may read besides, see [`super::assemble`].
pub(super) const PADDING: u32 = 32;

/// A function as it is called: the same on both sides of the forwarder.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// In registers, or the one that points to all of them.
    pub(super) params: Vec<ValType>,
    pub(super) result: ResultShape,
    /// Which parameters are borrowed handles, and of what.
    pub(super) borrows: Vec<(u32, ResourceId)>,
    /// Whether anything of it lies in memory.
    pub(super) uses_memory: bool,
}

/// How a result comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResultShape {
    None,
    Flat(ValType),
    /// The callee is told where to write it, and the caller where it is.
    Memory(Layout),
}

impl Shape {
    fn lifted_results(&self) -> Vec<ValType> {
        match self.result {
            ResultShape::None => Vec::new(),
            ResultShape::Flat(ty) => vec![ty],
            ResultShape::Memory(_) => vec![ValType::I32],
        }
    }

    /// As which it is imported.
    fn lowered(&self) -> (Vec<ValType>, Vec<ValType>) {
        let mut params = self.params.clone();
        match self.result {
            ResultShape::None => (params, Vec::new()),
            ResultShape::Flat(ty) => (params, vec![ty]),
            ResultShape::Memory(_) => {
                params.push(ValType::I32);
                (params, Vec::new())
            }
        }
    }
}

/// The module with the memory: exports `memory`, `realloc` and `reset`.
pub(super) fn memory_module() -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let top = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(top, &ConstExpr::i32_const(BASE));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("realloc", ExportKind::Func, 0);
    exports.export("reset", ExportKind::Func, 1);
    let mut code = CodeSection::new();
    code.function(&realloc());
    let mut reset = Function::new([]);
    reset.instructions().i32_const(BASE).global_set(0).end();
    code.function(&reset);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&globals);
    module.section(&exports).section(&code);
    module
}

/// `realloc(old, old size, align, new size)`: takes the next free bytes and copies the old ones there.
fn realloc() -> Function {
    const OLD: u32 = 0;
    const OLD_SIZE: u32 = 1;
    const ALIGN: u32 = 2;
    const NEW_SIZE: u32 = 3;
    const AT: u32 = 4;
    const END: u32 = 5;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    // The next multiple of `align`.
    code.global_get(0).local_get(ALIGN).i32_add().i32_const(1).i32_sub();
    code.i32_const(0).local_get(ALIGN).i32_sub().i32_and().local_tee(AT);
    code.local_get(NEW_SIZE).i32_add().local_tee(END);
    // Past the end of what 32 bits can count.
    code.local_get(AT).i32_lt_u().if_(BlockType::Empty).unreachable().end();
    // `end` in pages, rounded up, against what there is.
    let pages_of_end = |code: &mut InstructionSink<'_>| {
        code.local_get(END).i32_const(1).i32_sub().i32_const(PAGE_BITS).i32_shr_u().i32_const(1).i32_add();
    };
    pages_of_end(&mut code);
    code.memory_size(0).i32_gt_u().if_(BlockType::Empty);
    pages_of_end(&mut code);
    code.memory_size(0).i32_sub().memory_grow(0).i32_const(-1).i32_eq();
    code.if_(BlockType::Empty).unreachable().end();
    code.end();
    code.local_get(END).global_set(0);
    code.local_get(OLD_SIZE).if_(BlockType::Empty);
    code.local_get(AT).local_get(OLD);
    code.local_get(OLD_SIZE).local_get(NEW_SIZE).local_get(OLD_SIZE).local_get(NEW_SIZE).i32_lt_u().select();
    code.memory_copy(0, 0).end();
    code.local_get(AT).end();
    function
}

/// Which modules the forwarding module imports from, in the order in which it does.
pub(super) const MEMORY: &str = "memory";
pub(crate) const HOOKS: &str = "hooks";
pub(crate) const TARGET: &str = "target";
pub(super) const DROPS: &str = "drops";
pub(crate) const VALUES: &str = "values";

/// What the forwarding module is made for.
pub(super) struct Plan<'p> {
    pub(super) functions: &'p [Shape],
    /// The resources whose borrowed handles are dropped.
    pub(super) dropped: &'p [ResourceId],
    /// Whether the host is shown arguments and results.
    pub(super) shows_values: bool,
}

/// The forwarding module: exports a function for each, named by its place, and `done-N` for those that use
/// memory.
pub(super) fn forwarding_module(plan: &Plan<'_>) -> Module {
    let mut builder = Builder::default();
    let realloc = builder.import(MEMORY, "realloc", &[ValType::I32; 4], &[ValType::I32]);
    let reset = builder.import(MEMORY, "reset", &[], &[]);
    builder.imports.import(
        MEMORY,
        "memory",
        MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None },
    );
    let enter = builder.import(HOOKS, "enter", &[ValType::I32], &[ValType::I32]);
    let leave = builder.import(HOOKS, "leave", &[ValType::I32], &[]);
    let drops: Vec<u32> = (0..plan.dropped.len())
        .map(|index| builder.import(DROPS, &index.to_string(), &[ValType::I32], &[]))
        .collect();
    let mut callees = Vec::new();
    for (index, shape) in plan.functions.iter().enumerate() {
        let (params, results) = shape.lowered();
        let target = builder.import(TARGET, &index.to_string(), &params, &results);
        let shown = plan.shows_values.then(|| {
            let args = builder.import(VALUES, &format!("args-{index}"), &shape.params, &[]);
            let shown_result = shape.lifted_results();
            let result = builder.import(VALUES, &format!("result-{index}"), &shown_result, &[]);
            (args, result)
        });
        callees.push((target, shown));
    }
    let mut code = CodeSection::new();
    for (index, (shape, (target, shown))) in plan.functions.iter().zip(callees).enumerate() {
        let name = index.to_string();
        builder.function(&name, &shape.params, &shape.lifted_results());
        let calls = Calls { realloc, enter, leave, target, shown, drops: &drops };
        code.function(&forward(index, shape, plan.dropped, &calls));
        if shape.uses_memory {
            builder.function(&format!("done-{index}"), &shape.lifted_results(), &[]);
            let mut done = Function::new([]);
            done.instructions().call(reset).end();
            code.function(&done);
        }
    }
    builder.finish(&code)
}

/// The functions that a forwarding function calls.
struct Calls<'c> {
    realloc: u32,
    enter: u32,
    leave: u32,
    target: u32,
    shown: Option<(u32, u32)>,
    drops: &'c [u32],
}

fn forward(index: usize, shape: &Shape, dropped: &[ResourceId], calls: &Calls<'_>) -> Function {
    let param_count = shape.params.len() as u32;
    let (span, result) = (param_count, param_count + 1);
    let mut locals = vec![(1, ValType::I32)];
    locals.extend(shape.lifted_results().first().map(|ty| (1, *ty)));
    let mut function = Function::new(locals);
    let mut code = function.instructions();
    let all_params = |code: &mut InstructionSink<'_>| {
        for param in 0..param_count {
            code.local_get(param);
        }
    };
    code.i32_const(index as i32).call(calls.enter).local_set(span);
    if let Some((args, _)) = calls.shown {
        all_params(&mut code);
        code.call(args);
    }
    all_params(&mut code);
    if let ResultShape::Memory(layout) = shape.result {
        code.i32_const(0).i32_const(0).i32_const(layout.align as i32);
        code.i32_const(layout.size.saturating_add(PADDING) as i32);
        code.call(calls.realloc).local_tee(result);
    }
    code.call(calls.target);
    if let ResultShape::Flat(_) = shape.result {
        code.local_set(result);
    }
    for (param, resource) in &shape.borrows {
        let drop = dropped.iter().position(|known| known == resource);
        if let Some(drop) = drop.and_then(|drop| calls.drops.get(drop)) {
            code.local_get(*param).call(*drop);
        }
    }
    if let Some((_, shown_result)) = calls.shown {
        if shape.result != ResultShape::None {
            code.local_get(result);
        }
        code.call(shown_result);
    }
    code.local_get(span).call(calls.leave);
    if shape.result != ResultShape::None {
        code.local_get(result);
    }
    code.end();
    function
}

/// A module with imports first and functions after them.
#[derive(Default)]
struct Builder {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    function_count: u32,
}

impl Builder {
    fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let index = self.types.len();
        self.types.ty().function(params.iter().copied(), results.iter().copied());
        index
    }

    fn import(&mut self, module: &str, name: &str, params: &[ValType], results: &[ValType]) -> u32 {
        let ty = self.ty(params, results);
        self.imports.import(module, name, EntityType::Function(ty));
        self.function_count += 1;
        self.function_count - 1
    }

    fn function(&mut self, name: &str, params: &[ValType], results: &[ValType]) {
        let ty = self.ty(params, results);
        self.functions.function(ty);
        self.exports.export(name, ExportKind::Func, self.function_count);
        self.function_count += 1;
    }

    fn finish(&self, code: &CodeSection) -> Module {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.exports).section(code);
        module
    }
}
