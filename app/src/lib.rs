//! Pages, words and ports. With feature `ssr` it renders on the server; with `hydrate` it is the browser's part: islands only.

#![recursion_limit = "256"]

pub mod islands;

macro_rules! on_the_server {
    ($($(#[$meta:meta])* $visibility:vis mod $name:ident;)*) => { $(#[cfg(feature = "ssr")] $(#[$meta])* $visibility mod $name;)* };
}

on_the_server! {
    pub mod account;
    pub mod find_order;
    pub mod format;
    pub mod messages;
    pub mod ports;
    pub mod read_policy;
    pub mod routes;
    pub mod say;
    pub mod shell;
    pub mod start;
    pub mod start_return;
    pub mod track_return;
    pub mod ui;
}
