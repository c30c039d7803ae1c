//! Requests that need components from registries: told how to get them, or repeated once they are here.

use jackfield_protocol::{Error, LibraryRequest, Request, Response};
use jackfield_workbench::Workbench;

use super::library::transfer;
use crate::args::Fetch;
use crate::output::Output;
use crate::render;

/// Sends a request. If it fails for want of components, and they may be pulled, it is sent again with them.
pub(super) async fn dispatch(
    workbench: &Workbench,
    request: Request,
    fetch: Fetch,
    output: &Output,
) -> Result<Response, Error> {
    let error = match workbench.dispatch(request.clone()).await {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    let missing = error.pulls();
    if missing.is_empty() {
        return Err(error);
    }
    if !fetch.pull {
        return Err(error.with_help("`--pull` fetches what is missing, and goes on"));
    }
    for reference in missing {
        let pull = LibraryRequest::Pull { reference: reference.to_owned(), plain_http: false };
        transfer::follow(workbench, reference, pull).await?;
        if !output.is_json() {
            output.note(&render::library::done("pulled", reference));
        }
    }
    workbench.dispatch(request).await
}
