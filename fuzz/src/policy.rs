//! A policy document: JSON, JSON with comments, TOML.

use domain::policy;
use domain::reason::ReasonTree;

/// Reads it; each mistake is told where it is, and what is good can be loaded again.
pub fn attack(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.matches('\n').count() + 1;
    match policy::read(text, &ReasonTree::default()) {
        Ok(_) => assert!(policy::reload(text).is_ok(), "what was published can be loaded"),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                assert!((1..=lines).contains(&problem.line) && problem.column >= 1, "{problem} is not in the text");
            }
        }
    }
    let _ = policy::reload(text);
}
