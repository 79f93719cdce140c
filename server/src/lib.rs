//! The server: everything that touches the world outside.

#![recursion_limit = "256"]

pub use ::{evidence, labels};

mod asking;
pub mod care;
pub mod carriers;
pub mod clock;
pub mod compose;

pub mod config;
mod contact;
pub mod demo;
pub mod desks;
pub mod gateways;
pub mod http;
pub mod import;
pub mod jobs;
pub mod kept;
pub mod live;
pub mod load;
pub mod log;
pub mod mailer;
pub mod objects;
pub mod points;
pub mod reading;
pub mod secrets;
pub mod security;
pub mod services;
pub mod sign_on;
pub mod store;
mod tables;
pub mod texting;
pub mod watch;
pub mod webhooks;
