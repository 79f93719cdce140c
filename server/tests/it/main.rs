//! The server's tests: the real store on both databases, the real router, the real command line.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod api;
mod app;
mod databases;
mod labels;
mod printed;
mod store;
