//! `homebound`: the one program.

mod cli;

use std::process::ExitCode;

/// Requests allocate a lot and shortly, on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
