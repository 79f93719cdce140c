//! How long a PostgreSQL may be waited for.

use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

/// Seconds after which PostgreSQL breaks off; 0: never. What was begun is undone, and may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresLimits {
    /// One statement.
    pub statement_seconds: u32,
    /// Waiting for what somebody else has locked.
    pub lock_seconds: u32,
    /// A transaction in which nobody says anything: its server hangs, or is gone without a word.
    pub idle_seconds: u32,
}

impl Default for PostgresLimits {
    fn default() -> Self {
        Self { statement_seconds: 30, lock_seconds: 10, idle_seconds: 60 }
    }
}

impl PostgresLimits {
    /// For what takes as long as it takes, with somebody who waits for it: an import.
    pub const NONE: Self = Self { statement_seconds: 0, lock_seconds: 0, idle_seconds: 0 };

    pub(super) fn on(self, options: PgConnectOptions) -> PgConnectOptions {
        options.options([
            ("statement_timeout", format!("{}s", self.statement_seconds)),
            ("lock_timeout", format!("{}s", self.lock_seconds)),
            ("idle_in_transaction_session_timeout", format!("{}s", self.idle_seconds)),
        ])
    }
}

/// Of errors after which the same may work in a moment, as SQLSTATE: PostgreSQL, Appendix A. A statement or lock took too long, a transaction
/// was idle for too long, a circle of waits or writes was broken, it stops or starts, it has too many connections, its disk is full.
const PASSING: [&str; 10] = ["57014", "55P03", "25P03", "40001", "40P01", "57P01", "57P02", "57P03", "53300", "53100"];

/// Likewise of SQLite, as primary result codes (its "Result and Error Codes"): BUSY, IOERR and FULL. In the code's last eight bits, where SQLite
/// says more.
const PASSING_IN_SQLITE: [u32; 3] = [5, 10, 13];

fn is_passing_code(code: &str) -> bool {
    // SQLSTATE has five letters; SQLite's numbers never have.
    PASSING.contains(&code) || (code.len() < 5 && code.parse::<u32>().is_ok_and(|code| PASSING_IN_SQLITE.contains(&(code & 0xff))))
}

pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing_code(&code)),
        // It went away in the middle, or does not answer at all.
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        _ => false,
    }
}
