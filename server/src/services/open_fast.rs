//! Opening without waiting for anybody, in one text: where no other return shares an order with it, and nothing beside it is to be
//! recomputed, held or handed over. Opening is what happens most.

use domain::policy::Resolution;
use domain::returns::{Actor, Role};

use super::Services;
use super::assess::Part;
use super::compensations::gives_at_once;
use super::doing::Doing;
use super::gather::Reading;
use super::once::{Carried, IdempotencyKey};
use super::open_return::{Begun, drawn, opening};
use super::refusals::OpenError;
use super::request::ReturnRequest;
use crate::store;

impl Services {
    /// Judges before anything is locked, and writes only if that still stands. Nothing where it does not, or where more is to be done than
    /// one text can; what is wrong with a request is told here only where it cannot have been answered before.
    pub(super) async fn open_unlocked(
        &self,
        request: &ReturnRequest,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Carried>, OpenError> {
        let mut read = self.store.read().await?;
        let doing = Doing::begin(actor.clone(), Role::Customer, self.clock.now(), self.hooks.current(&mut read.conn()).await?);
        let now = doing.now;
        let assessed =
            self.assess_with_a_way_back(&mut Reading::new(&mut read.conn()), request, request.declared_at.unwrap_or(now), false).await?;
        // A place in a slot is taken with its area locked.
        let booked = request.pickup.is_some() && self.keeps_areas(&mut read.conn()).await?;
        drop(read);
        if booked {
            return Ok(None);
        }
        let checked = assessed
            .map_err(OpenError::Problems)
            .and_then(|assessment| self.check_complete(request, &assessment, true, now).map(|method| (assessment, method)));
        let (assessment, method) = match checked {
            Ok(checked) => checked,
            Err(_) if key.is_some() => return Ok(None),
            Err(error) => return Err(error),
        };
        let exchanged = assessment.lines.iter().any(|line| line.resolution == Some(Resolution::Exchange));
        let shared = assessment.parts.iter().any(|part| part.shared);
        if exchanged || shared || assessment.lines.iter().any(|line| !line.given.is_empty()) {
            return Ok(None);
        }
        // What rules pay at once is paid with the orders locked.
        let pays_ahead = |part: &Part| part.policy.payout.iter().any(|rule| rule.then.is_at_submission());
        if assessment.parts.iter().any(pays_ahead) {
            return Ok(None);
        }
        let mut begun = Begun::new(opening(drawn(), request, &assessment, method, now))?;
        // What is given at once is given with the orders locked, so that nothing is given twice.
        if gives_at_once(&begun.request, assessment.parts.iter().flat_map(|part| &part.policy.compensation).map(|rule| &rule.then)) {
            return Ok(None);
        }
        if begun.request.needs_label() {
            let Some(label) = self.label_at_once(&begun.request, now) else { return Ok(None) };
            begun.take(Some(label));
        }
        let versions = assessment.parts.iter().map(|part| (part.row.order.number.to_string(), part.version)).collect();
        let mut new = begun.written(&doing)?.judged_by(&versions)?;
        let mut answer = None;
        if let Some(key) = key {
            let (kept, said) = key.answering(&begun.request)?;
            (new, answer) = (new.answering(kept), said);
        }
        let written = self.store.write_whole(move |mut conn| Box::pin(async move { store::insert_return(&mut conn, &new).await })).await;
        match written {
            Ok(true) => Ok(Some(Carried { request: begun.request, again: false, answer, command: None })),
            Ok(false) => Ok(None),
            // The key was used in this moment.
            Err(error) if error.is_conflict() => Ok(None),
            // Orders that are counted up by one text are not taken in the order in which others lock them: who locks them waits for nobody in a circle.
            Err(error) if error.is_circle() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
