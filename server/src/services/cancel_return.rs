//! Calling a return off.

use domain::returns::{Command, LineNo, Return};

use super::Services;
use super::access::Access;
use super::once::{Carried, IdempotencyKey};
use super::refusals::ChangeError;

/// What of a return is called off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Lines, by their names in the return.
    Lines(Vec<LineNo>),
}

impl Services {
    /// Calls a return off, or lines of it; the units can be returned again. Nothing happens where that has been done before.
    pub async fn cancel_return(
        &self,
        access: Access<Return>,
        part: Part,
        reason: Option<String>,
        key: Option<IdempotencyKey>,
    ) -> Result<Carried, ChangeError> {
        let story = self.run(access, key, Vec::new(), move |run| {
            Box::pin(async move {
                let lots = match part {
                    Part::Whole => None,
                    Part::Lines(lines) => {
                        Some(run.request.lots().filter(|(line, _)| lines.contains(&line.id)).map(|(_, lot)| lot.id).collect())
                    }
                };
                run.decide(&Command::Cancel { lots, reason })
            })
        });
        story.await
    }
}
