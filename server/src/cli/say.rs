//! What a command says to whoever called it. `println!` would panic where nobody reads on (`homebound key list | head -1`).

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use super::failure::Failure;

/// A line on standard output. A command whose words nobody took has failed, quietly where the reader has just had enough.
pub fn say(line: impl Display) -> Result<(), Failure> {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::Said,
        _ => Failure::Other(format!("standard output: {error}")),
    })
}

/// A line on standard error; it may be lost.
pub fn warn(line: impl Display) {
    let _ = writeln!(stderr().lock(), "{line}");
}
