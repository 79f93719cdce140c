//! What a request would come to, with the way back that opening would choose.

use domain::pickup::area_of;
use domain::policy::{Method, Sentence};
use jiff::Timestamp;

use super::Services;
use super::assess::{Assessment, LineAssessment};
use super::gather::Reading;
use super::refusals::OpenError;
use super::request::{RequestProblem, ReturnRequest, Wrong};
use crate::store::{self, StoreError};

impl Services {
    /// What would happen if `request` were opened now, without doing it.
    pub async fn quote(&self, request: &ReturnRequest, explain: bool) -> Result<Assessment, OpenError> {
        let (mut read, now) = (self.store.read().await?, self.clock.now());
        let mut conn = read.conn();
        let mut reading = Reading::new(&mut conn);
        let mut assessment = self.assess(&mut reading, request, now, explain).await?.map_err(OpenError::Problems)?;
        self.keep_what_comes_true(&mut reading, request, &mut assessment, now, false).await?;
        Ok(assessment)
    }

    /// As [`Services::quote`], with the way back that opening would choose: what is said is what will be charged.
    pub async fn quote_to_open(&self, request: &ReturnRequest, explain: bool) -> Result<Assessment, OpenError> {
        match self.quote_to_open_exactly(request, explain).await {
            Err(OpenError::Problems(problems)) => match self.as_written(request, &problems).await? {
                Some(request) => self.quote_to_open_exactly(&request, explain).await,
                None => Err(OpenError::Problems(problems)),
            },
            quoted => quoted,
        }
    }

    async fn quote_to_open_exactly(&self, request: &ReturnRequest, explain: bool) -> Result<Assessment, OpenError> {
        let (mut read, now) = (self.store.read().await?, self.clock.now());
        let mut conn = read.conn();
        let mut reading = Reading::new(&mut conn);
        let mut assessment = self.assess_with_a_way_back(&mut reading, request, now, explain).await?.map_err(OpenError::Problems)?;
        self.keep_what_comes_true(&mut reading, request, &mut assessment, now, true).await?;
        Ok(assessment)
    }

    /// Assesses a request; where it names no way back, by the first that fits everything, and where it names one that is not offered, or
    /// none fits everything, not at all.
    pub(super) async fn assess_with_a_way_back(
        &self,
        reading: &mut Reading<'_, '_>,
        request: &ReturnRequest,
        now: Timestamp,
        explain: bool,
    ) -> Result<Result<Assessment, Vec<RequestProblem>>, StoreError> {
        let mut assessed = self.assess(reading, request, now, explain && request.method.is_some()).await?;
        let nobody_calls = match &assessed {
            Ok(assessment) => nobody_calls(reading, request, assessment).await?,
            Err(_) => false,
        };
        if nobody_calls && request.method == Some(Method::Pickup) {
            return Ok(Err(vec![RequestProblem { field: "method".into(), wrong: Wrong::NobodyCalls }]));
        }
        let offered = |assessment: &mut Assessment| assessment.methods.retain(|way| !nobody_calls || way.method != Method::Pickup);
        if let Ok(assessment) = &mut assessed {
            offered(assessment);
        }
        match &assessed {
            Ok(assessment) if request.method.is_none() && assessment.lacks_a_way() => {
                Ok(Err(vec![RequestProblem { field: "method".into(), wrong: Wrong::NoSharedWay }]))
            }
            Ok(assessment) if request.method.is_none() => match choose_method(request, assessment) {
                Method::None if !explain => Ok(assessed),
                method => {
                    let method = Some(method).filter(|method| *method != Method::None);
                    let mut chosen = self.assess(reading, &ReturnRequest { method, ..request.clone() }, now, explain).await?;
                    if let Ok(assessment) = &mut chosen {
                        offered(assessment);
                    }
                    Ok(chosen)
                }
            },
            Ok(assessment) => Ok(method_problem(request, assessment).map_or(assessed, |problem| Err(vec![problem]))),
            Err(_) => Ok(assessed),
        }
    }
}

/// Whether it could be collected by policy, and no courier goes round where it is to come from.
async fn nobody_calls(reading: &mut Reading<'_, '_>, request: &ReturnRequest, assessment: &Assessment) -> Result<bool, StoreError> {
    if assessment.methods.iter().all(|way| way.method != Method::Pickup) {
        return Ok(false);
    }
    let areas = store::list_pickup_areas(reading.conn()).await?;
    let ordered = assessment.parts.first().and_then(|part| part.row.order.ship_to.as_ref());
    Ok(!areas.is_empty() && area_of(&areas, request.from.as_ref().or(ordered)).is_none())
}

/// The way back that was asked for, where something that could come back is not offered it.
fn method_problem(request: &ReturnRequest, assessment: &Assessment) -> Option<RequestProblem> {
    let barred = |line: &LineAssessment| line.why.iter().any(|why| matches!(why, Sentence::MethodNotOffered { .. }));
    // What the shop sees to is for what nothing else may carry.
    let unasked = request.method == Some(Method::Arranged) && assessment.methods.iter().all(|offered| offered.method != Method::Arranged);
    let method = request.method.filter(|_| unasked || assessment.lines.iter().any(barred))?;
    Some(RequestProblem { field: "method".into(), wrong: Wrong::Method(method) })
}

/// The chosen method, or the first that fits everything. Nothing travels where everything is kept or declined.
pub(super) fn choose_method(request: &ReturnRequest, assessment: &Assessment) -> Method {
    if !assessment.lines.iter().any(LineAssessment::sends_back) {
        return Method::None;
    }
    request.method.or(assessment.methods.first().map(|offered| offered.method)).unwrap_or(Method::None)
}
