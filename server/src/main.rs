//! `homebound`: the one program.

#![allow(clippy::print_stdout, reason = "a command line speaks to its user")]

mod cli;

use std::process::ExitCode;

/// Requests allocate a lot and shortly, on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
