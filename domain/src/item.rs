//! What a shopper says of an item: the state it is in, how it fits, a comment.

/// States of an item as customers tell them, from best to worst; policies test them as `condition`.
pub const CONDITIONS: [&str; 8] = [UNOPENED, "opened", "used", "damaged", "incomplete", "dirty", "altered", "assembled"];

/// Nobody has opened it: the only state in which it is not `opened`.
pub const UNOPENED: &str = "unopened";

/// The states that are told apart wherever a state is asked for at all; others only where a rule names one.
pub const ALWAYS_ASKED: [&str; 3] = [UNOPENED, "opened", "used"];

/// How it fits (C28).
pub const FITS: [&str; 3] = ["small", "true", "large"];

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 2_000;
