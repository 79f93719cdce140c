//! `homebound`: the one program.

#![allow(clippy::print_stdout, reason = "a command line speaks to its user")]

mod cli;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
