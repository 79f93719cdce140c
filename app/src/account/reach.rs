//! How somebody wants to be reached: by mail, by text, in which language.

use std::sync::Arc;

use domain::words::Locale;
use leptos::prelude::*;

use crate::forms::Fields;
use crate::messages::Messages;
use crate::ports::{ReachPage, ShopFront, ShopperDesk};
use crate::say::Say;
use crate::ui::{Frame, field_id, load};

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachForm {
    pub by_mail: bool,
    pub by_text: bool,
    pub locale: Option<Locale>,
}

impl ReachForm {
    pub const BY: &'static str = "by";
    pub const LANGUAGE: &'static str = "language";
    const MAIL: &'static str = "mail";
    const TEXT: &'static str = "text";
    const BOTH: &'static str = "both";

    /// What was sent. Where no way is named it is by mail.
    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let by = fields.get(Self::BY);
        let by_text = by == Self::TEXT || by == Self::BOTH;
        Self { by_mail: !by_text || by == Self::BOTH, by_text, locale: fields.get(Self::LANGUAGE).parse().ok() }
    }
}

/// `/account/reach`
#[component]
pub fn HowReached() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    load(async move { desk.reach_page().await }, |page| view! { <Reach page=page/> })
}

#[component]
fn Reach(page: ReachPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let ReachPage::Choices { mail, number, by_mail, by_text, locale, saved } = page else {
        return view! {
            <Frame title=m.inbox_reach() lead=m.inbox_reach_none()>
                <p class="acts"><a class="btn" href="/account">{m.account_title()}</a></p>
            </Frame>
        }
        .into_any();
    };
    let both = mail.is_some() && number.is_some();
    let night = number.is_some().then(|| view! { <p class="quiet sm">{m.inbox_reach_night()}</p> });
    let way = |value: &'static str, said: String, chosen: bool| {
        view! { <label class="tile line"><input class="check radio" type="radio" name=ReachForm::BY value=value checked=chosen/><span>{said}</span></label> }
    };
    let ways: Vec<_> = [
        mail.map(|mail| way(ReachForm::MAIL, m.inbox_reach_mail(mail), by_mail && !(both && by_text))),
        number.map(|number| way(ReachForm::TEXT, m.inbox_reach_number(number), by_text && !by_mail)),
        both.then(|| way(ReachForm::BOTH, m.inbox_reach_both().to_owned(), by_text && by_mail)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let languages: Vec<_> = expect_context::<Arc<ShopFront>>()
        .languages
        .iter()
        .map(|known| view! { <option value=known.tag() lang=known.tag() selected=locale == Some(*known)>{Messages::new(*known).language_name()}</option> })
        .collect();
    let id = field_id(ReachForm::LANGUAGE);
    view! {
        <Frame title=m.inbox_reach() lead=m.inbox_reach_lead() note=if saved { m.inbox_reach_saved() } else { "" }>
            <form class="card form" method="post" action="/account/reach">
                <fieldset class="field"><legend>{m.inbox_reach_by()}</legend>{ways}{night}</fieldset>
                <p class="field"><label for=id.clone()>{m.inbox_reach_language()}</label>
                    <select id=id.clone() name=ReachForm::LANGUAGE><option value="">{m.inbox_reach_same()}</option>{languages}</select></p>
                <p class="acts"><button class="btn" type="submit">{m.inbox_reach_save()}</button></p>
            </form>
            <p><a href="/account/inbox">{m.inbox_title()}</a></p>
        </Frame>
    }
    .into_any()
}
