//! `cargo bench -p authcore-cost`: the time of each operation on this machine.

use authcore_cost::OPERATIONS;
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench(args = OPERATIONS.iter().map(|(name, _)| *name))]
fn operations(bencher: Bencher<'_, '_>, name: &str) {
    let (_, ready) = OPERATIONS.iter().find(|(known, _)| *known == name).expect("its name");
    let operation = ready();
    bencher.bench_local(operation);
}
