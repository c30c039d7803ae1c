//! The tools that the exported functions of components become.
//!
//! | what the function gives | `structuredContent` | `isError` |
//! |---|---|---|
//! | a value | `{"result": VALUE}` | false |
//! | nothing | `{}` | false |
//! | `result<T, E>` that is `ok` | `{"result": {"ok": VALUE}}` | false |
//! | `result<T, E>` that is `err` | `{"result": {"err": VALUE}}` | true |
//!
//! An `ok` without a value is `{"result": "ok"}`; the VALUE of an `err` that has none is `null`.
//!
//! An `err` is a tool error, because MCP means by that what WIT means by it: the call was well-formed,
//! the tool ran, and says that it did not work, so that whoever called can do something else. The value stays in
//! the structured content, where it fits the output schema as any other result does. The text is the same
//! JSON, as the specification recommends for clients that know no structured content.

use jackfield_component::schema::{input_schema, output_schema};
use jackfield_component::value::{ConvertError, Value, args_to_wave, result_from_wave, result_to_json};
use jackfield_component::{Component, NotCallable, Signature, ToolSource, exported_functions, tool_names};
use jackfield_protocol::{ComponentName, Function, FunctionTypes, Port, PortKind, ToolView};
use serde_json::{Map, Value as Json};

/// What a workload offers to callers.
#[derive(Debug, Clone, Default)]
pub struct WorkloadTools {
    /// The tools, in the order of the components and of their exports.
    pub tools: Vec<ToolFunction>,
    /// The functions that are exported, and cannot be tools.
    pub uncallable: Vec<UncallableFunction>,
}

/// An exported function that can be called with values that are written down.
#[derive(Debug, Clone)]
pub struct ToolFunction {
    /// What clients see.
    pub view: ToolView,
    /// The component that exports it.
    pub component: ComponentName,
    /// The interface that it belongs to, as the port is called; none for a bare function.
    pub interface: Option<String>,
    /// Its name in the binary.
    pub function: String,
    source: Component,
    types: FunctionTypes,
}

/// An exported function that cannot be called with values that are written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncallableFunction {
    /// The component that exports it.
    pub component: ComponentName,
    /// The interface that it belongs to, as the port is called; none for a bare function.
    pub interface: Option<String>,
    /// Its name in the binary.
    pub function: String,
    /// Why it cannot be called.
    pub reason: NotCallable,
}

/// A result as a tool gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// An object that fits the tool's output schema.
    pub structured: Json,
    /// The same as text.
    pub text: String,
    /// Whether it is a WIT `result` that is an `err`.
    pub is_error: bool,
}

/// An exported function, before it is known whether it can be called.
struct Candidate<'a> {
    component: &'a ComponentName,
    source: &'a Component,
    port: &'a Port,
    function: &'a Function,
}

impl WorkloadTools {
    /// The tools of some components.
    ///
    /// What a tool is called does not depend on functions that are none, nor on the order.
    #[must_use]
    pub fn new(components: &[(ComponentName, &Component)]) -> Self {
        let (mut callable, mut uncallable) = (Vec::new(), Vec::new());
        for candidate in components.iter().flat_map(|(name, source)| candidates(name, source)) {
            match candidate.schemas() {
                Some(Ok(schemas)) => callable.push((candidate, schemas)),
                Some(Err(reason)) => uncallable.push(candidate.uncallable(reason)),
                // A port and its function that are the component's own have a signature.
                None => {}
            }
        }
        let sources: Vec<_> = callable.iter().map(|(candidate, _)| candidate.tool_source()).collect();
        let names = tool_names(&sources);
        let tools = names.into_iter().zip(&callable);
        let tools = tools.filter_map(|(name, (candidate, schemas))| candidate.tool(name, schemas)).collect();
        Self { tools, uncallable }
    }

    /// The tool of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ToolFunction> {
        self.tools.iter().find(|tool| tool.view.name == name)
    }

    /// The tools as clients see them.
    #[must_use]
    pub fn views(&self) -> Vec<ToolView> {
        self.tools.iter().map(|tool| tool.view.clone()).collect()
    }
}

impl ToolFunction {
    /// What it takes and gives.
    #[must_use]
    pub fn signature(&self) -> Signature<'_> {
        Signature { types: self.source.types(), function: &self.types }
    }

    /// The arguments of a call in WAVE, in the order of the parameters.
    ///
    /// # Errors
    /// [`ConvertError::Arguments`], with everything that is wrong with them.
    pub fn arguments(&self, arguments: &Map<String, Json>) -> Result<Vec<String>, ConvertError> {
        args_to_wave(self.signature(), arguments)
    }

    /// What a call gave, out of WAVE.
    ///
    /// # Errors
    /// [`ConvertError::Result`] or [`ConvertError::ResultCount`], if that is not what the function gives.
    pub fn answer(&self, result: Option<&str>) -> Result<Rendered, ConvertError> {
        let result = result_from_wave(self.signature(), result)?;
        let structured = Json::Object(result_to_json(result.as_ref()));
        let is_error = matches!(result, Some(Value::Result(Err(_))));
        Ok(Rendered { text: structured.to_string(), structured, is_error })
    }
}

fn candidates<'a>(
    component: &'a ComponentName,
    source: &'a Component,
) -> impl Iterator<Item = Candidate<'a>> {
    exported_functions(source.info()).map(move |(port, function)| Candidate {
        component,
        source,
        port,
        function,
    })
}

/// Input and output.
type Schemas = (Map<String, Json>, Map<String, Json>);

impl Candidate<'_> {
    fn schemas(&self) -> Option<Result<Schemas, NotCallable>> {
        let signature = self.source.signature(self.port, self.function)?;
        Some(input_schema(signature).and_then(|input| Ok((input, output_schema(signature)?))))
    }

    fn interface(&self) -> Option<&str> {
        matches!(self.port.kind, PortKind::Instance { .. }).then_some(self.port.name.as_str())
    }

    fn tool_source(&self) -> ToolSource<'_> {
        ToolSource {
            component: self.component.as_str(),
            interface: self.interface(),
            function: &self.function.name,
        }
    }

    fn tool(&self, name: String, (input, output): &Schemas) -> Option<ToolFunction> {
        let view = ToolView {
            name,
            // Clients show it in place of the name, which alone tells functions of two components apart.
            title: None,
            description: self.function.docs.clone(),
            input_schema: Json::Object(input.clone()),
            output_schema: Some(Json::Object(output.clone())),
            annotations: None,
        };
        Some(ToolFunction {
            view,
            component: self.component.clone(),
            interface: self.interface().map(str::to_owned),
            function: self.function.name.clone(),
            source: self.source.clone(),
            types: self.source.signature(self.port, self.function)?.function.clone(),
        })
    }

    fn uncallable(&self, reason: NotCallable) -> UncallableFunction {
        UncallableFunction {
            component: self.component.clone(),
            interface: self.interface().map(str::to_owned),
            function: self.function.name.clone(),
            reason,
        }
    }
}
