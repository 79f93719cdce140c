//! What a ticket of the shop says, once its signature was found good.

use domain::entry::{LEEWAY, Ticket};
use jiff::{SignedDuration, Timestamp};

/// Reads it at a time of its own choosing; no ticket is good for longer than it may be.
pub fn attack(data: &[u8]) {
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let longest = SignedDuration::from_mins(15);
    if let Ok(ticket) = Ticket::read(data, "https://returns.example", longest, now) {
        assert!(ticket.expires_at + LEEWAY > now);
        assert!(ticket.expires_at.duration_since(now) <= longest + LEEWAY * 2);
    }
}
