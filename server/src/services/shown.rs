//! What was shown of a request's lines, of what is kept.

use super::Services;
use super::gather::Reading;
use super::request::{LineRequest, RequestProblem, ReturnRequest, Shown, Wrong};
use crate::store::{EvidenceRow, Holder, StoreError};

impl Services {
    /// For each line of a request: the evidence there is of it. What is named and is not there, or not the caller's, is a problem.
    pub(super) async fn given(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        problems: &mut Vec<RequestProblem>,
    ) -> Result<Vec<Vec<EvidenceRow>>, StoreError> {
        let most = self.config.limits.evidence.per_line;
        let mut given = Vec::with_capacity(request.lines.len());
        for (place, line) in request.lines.iter().enumerate() {
            let mut problem = |wrong| problems.push(RequestProblem { field: format!("lines[{place}].evidence"), wrong });
            let mut of_line: Vec<EvidenceRow> = Vec::new();
            match &line.evidence {
                Shown::Nothing => {}
                Shown::InDraft(id) => {
                    let holder = Holder::Draft(id.clone());
                    let held = reading.evidence_of(&holder).await?;
                    of_line.extend(held.iter().filter(|row| is_of(row, line)).cloned());
                }
                Shown::Named { ids, .. } if ids.len() > most => problem(Wrong::TooMuchEvidence(most)),
                Shown::Named { ids, key } => {
                    for id in ids {
                        let found = reading.find_evidence(id).await?;
                        match found.filter(|row| row.holder == Holder::Key(key.clone()) && is_of(row, line)) {
                            Some(row) if !of_line.contains(&row) => of_line.push(row),
                            Some(_) => {}
                            None => problem(Wrong::UnknownEvidence(id.clone())),
                        }
                    }
                }
                // What the return has, it keeps.
                Shown::Agreed(ids) => {
                    for id in ids {
                        of_line.extend(reading.find_evidence(id).await?);
                    }
                }
            }
            given.push(of_line);
        }
        Ok(given)
    }
}

fn is_of(row: &EvidenceRow, line: &LineRequest) -> bool {
    row.is_of(line.order.as_str(), line.line.as_str())
}
