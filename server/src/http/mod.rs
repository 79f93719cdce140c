//! The server's face: pages, forms, the machine interface, and what keeps all of them safe.

pub mod api;
mod assets;
mod calendar;
mod entry;
mod evidence;
mod forms;
mod guard;
mod health;
mod labels;
mod listen;
mod live;
mod logo;
mod pages;
mod preview;
mod rehearsal;
mod router;
mod routes;
mod visitor;

pub use health::figures;
pub use listen::serve;
pub use router::{AppState, router};
pub use routes::{Body, Kind, Row, Who, table};
