//! The server's tests: the real store on both databases, the real router, the real command line.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod api;
mod app;
mod changes;
mod command_line;
mod databases;
mod entry;
mod evidence;
mod exchanges;
mod import;
mod labels;
mod live;
mod mails;
mod pages;
mod printed;
mod store;
