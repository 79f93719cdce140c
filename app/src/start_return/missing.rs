//! "It did not arrive": what was sent, and the shopper does not have (P23).

use domain::item::LONGEST_COMMENT;
use domain::policy::Resolution;
use leptos::prelude::*;

use crate::forms::{Fields, noted};
use crate::ports::{ItemsOrder, Mistake, Noted};
use crate::say::Say;
use crate::ui::{FieldError, field_id, mistake_at};

/// What did not arrive, and what they would like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotArrived {
    pub order: String,
    /// Which delivery, from 0.
    pub delivery: usize,
    pub wish: Resolution,
    pub words: Option<String>,
}

impl NotArrived {
    /// The field that its mistakes stand at.
    pub const FORM: &str = "missing";
    const ORDER: &str = "order";
    const DELIVERY: &str = "delivery";
    const WISH: &str = "missing-wish";
    const WORDS: &str = "missing-words";

    pub fn parse(fields: &Fields) -> Result<Self, Noted> {
        let words = fields.maybe(Self::WORDS).map(|words| words.replace("\r\n", "\n"));
        if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT) {
            return Err(noted(Self::FORM, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
        }
        Ok(Self {
            order: fields.get(Self::ORDER).to_owned(),
            delivery: fields.get(Self::DELIVERY).parse().map_err(|_| noted(Self::FORM, Mistake::Unanswered))?,
            wish: fields.get(Self::WISH).parse().unwrap_or(Resolution::Refund),
            words,
        })
    }
}

/// A form for each delivery that has left.
#[component]
pub(super) fn Missing(draft: String, orders: Vec<ItemsOrder>, mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let several = orders.iter().map(|order| order.sent.len()).sum::<usize>() > 1;
    let wrong = mistake_at(&mistakes, NotArrived::FORM);
    let open = wrong.is_some();
    let forms: Vec<_> = orders
        .iter()
        .flat_map(|order| order.sent.iter().map(move |sent| (order, sent)))
        .map(|(order, sent)| {
            let of = format!("{}-{}", order.number, sent.place);
            let (wish, words) = (field_id(&format!("{}-{of}", NotArrived::WISH)), field_id(&format!("{}-{of}", NotArrived::WORDS)));
            let about: Vec<String> = [
                Some(m.items_order(&order.number)),
                sent.carrier.clone(),
                sent.tracking_number.clone(),
                sent.delivered.map(|day| m.items_delivered(say.f.date(day))),
            ]
            .into_iter()
            .flatten()
            .collect();
            let wishes: Vec<_> = [Resolution::Refund, Resolution::Replacement]
                .into_iter()
                .map(|wish| view! { <option value=wish.code()>{say.resolution(wish)}</option> })
                .collect();
            view! {
                <form class="form" method="post" action=format!("/return/{draft}/missing")>
                    <input type="hidden" name=NotArrived::ORDER value=order.number.to_string()/>
                    <input type="hidden" name=NotArrived::DELIVERY value=sent.place.to_string()/>
                    {several.then(|| view! { <p><b>{about.join(" · ")}</b></p> })}
                    <p class="field"><label for=wish.clone()>{m.outbound_missing_wish()}</label><select id=wish name=NotArrived::WISH>{wishes}</select></p>
                    <p class="field">
                        <label for=words.clone()>{m.outbound_missing_words()}</label>
                        <textarea id=words name=NotArrived::WORDS rows="3" maxlength=LONGEST_COMMENT></textarea>
                    </p>
                    <p class="acts"><button class="btn second" type="submit">{m.outbound_missing_action()}</button></p>
                </form>
            }
        })
        .collect();
    (!forms.is_empty()).then(|| {
        view! {
            <details class="card" id=field_id(NotArrived::FORM) open=open>
                <summary>{m.outbound_missing()}</summary>
                <FieldError mistake=wrong id=field_id(NotArrived::FORM)/>
                <p>{m.outbound_missing_text()}</p>
                {forms}
            </details>
        }
    })
}
