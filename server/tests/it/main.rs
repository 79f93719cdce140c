//! The server's tests: the real store on both databases, the real router, the real command line.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

mod api;
mod app;
mod backups;
mod before;
mod bombs;
mod books;
mod bounds;
mod carriers;
mod changes;
mod command_line;
mod dangerous;
mod databases;
mod described;
mod dirty;
mod doctor;
mod door;
mod entry;
mod evidence;
mod exchanges;
mod faults;
mod guesses;
mod hostile;
mod import;
mod jobs;
mod keys;
mod labels;
mod letters;
mod lines;
mod live;
mod logs;
mod mails;
mod nobody_in;
mod offers;
mod opening;
mod pages;
mod patience;
mod policies;
mod printed;
mod projections;
mod restarts;
mod store;
mod torture;
mod typing;
mod what_if;
