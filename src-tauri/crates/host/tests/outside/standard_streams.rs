//! What is printed carries the name of who printed it, in WASI 0.2 and 0.3.

use crate::support::{Bench, errand};

#[tokio::test(flavor = "multi_thread")]
async fn lines_carry_the_name_of_the_component_in_one_call() {
    let bench = Bench::office("", "", "");
    let running = bench.started().await;
    errand(&running, "clerk", "print", &["from the clerk"]).await;
    errand(&running, "errands", "print", &["from the other"]).await;
    bench.witness.until_line("clerk stdout: from the clerk").await;
    bench.witness.until_line("errands stdout: from the other").await;
}
