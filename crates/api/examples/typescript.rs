//! Prints the api as TypeScript: `cargo run -p qiyou-api --example typescript`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

fn main() {
    print!("{}", qiyou_api::typescript());
}
