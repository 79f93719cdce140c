//! The thinking of a returns portal: policy, settlement, states. Values and functions only: no I/O, no clock, no async.

mod coded;
pub mod danger;
mod days;
pub mod entry;
mod from_text;
pub mod ids;
pub mod item;
pub mod json;
pub mod law;
pub mod money;
pub mod order;
pub mod plain;
pub mod plausible;
pub mod policy;
pub mod reason;
pub mod replies;
pub mod returns;
pub mod rma;
pub mod schemas;
pub mod scrap;
pub mod search;
pub mod settlement;
pub mod staff;
pub mod stock;
pub mod withdrawal;
pub mod words;
pub mod written;
