//! What a trace takes of memory.

use jackfield_protocol::{Argument, Outcome, Span, Trace, TraceLine, Unobserved};

/// About how many bytes of memory a trace takes. What bounds memory by it need not be exact, but must not miss
/// anything that can be long.
#[must_use]
pub fn weight_in_bytes(trace: &Trace) -> usize {
    let spans: usize = trace.spans.iter().map(span).sum();
    let lines: usize = trace.lines.iter().map(|line| size_of::<TraceLine>() + line.text.len()).sum();
    let unobserved: usize = trace.unobserved.iter().map(unobserved).sum();
    size_of::<Trace>() + trace.workload_name.len() + spans + lines + unobserved
}

fn span(span: &Span) -> usize {
    let consumer = span.consumer.as_ref().map_or(0, |name| name.as_str().len());
    let args: usize = span.args.iter().map(argument).sum();
    let texts = [&span.result, &span.intervention].into_iter().flatten().map(String::len).sum::<usize>();
    let outcome = match &span.outcome {
        Outcome::Trap { message, frames } => message.len() + frames.iter().map(String::len).sum::<usize>(),
        _ => 0,
    };
    size_of::<Span>() + span.provider.as_str().len() + span.function.len() + consumer + args + texts + outcome
}

fn argument(argument: &Argument) -> usize {
    size_of::<Argument>() + argument.name.len() + argument.value.len()
}

fn unobserved(link: &Unobserved) -> usize {
    size_of::<Unobserved>() + link.import.len() + link.reason.len()
}
