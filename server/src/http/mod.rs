//! The server's face: pages, forms, the machine interface, and what keeps all of them safe.

mod address;
pub mod api;
mod assets;
mod brand;
mod calendar;
mod entry;
mod evidence;
mod forms;
mod guard;
mod health;
mod labels;
mod limiter;
mod listen;
mod live;
mod logo;
mod pages;
mod places;
mod preview;
mod ready;
mod rehearsal;
mod router;
mod routes;
mod row;
mod staff;
mod state;
mod test_shop;
mod visitor;
mod whole;

pub use health::figures;
pub use listen::{Door, serve};
pub use router::router;
pub use routes::table;
pub use row::{Body, Kind, Row, Who};
pub use state::AppState;
pub use test_shop::{TEST_KEY, beside};
