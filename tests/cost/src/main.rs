//! Does one operation so many times, for whoever counts instructions: `authcore-cost <number> <times>`.
//! Without arguments it prints the names, one a line.

use authcore_cost::OPERATIONS;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(number) = arguments.next() else {
        for (name, _) in OPERATIONS {
            println!("{name}");
        }
        return;
    };
    let number: usize = number.parse().expect("the number of an operation");
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).expect("how often");
    let operation = OPERATIONS[number].1();
    for _ in 0..times {
        operation();
    }
}
