//! The server's tests: the real store on both databases, the real router, the real command line.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod databases;
mod import;
mod store;
