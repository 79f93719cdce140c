//! What a customer can still do to a return: the list on its page, and the pages that ask before it is done.

use std::sync::Arc;

use domain::item::LONGEST_COMMENT;
use domain::money::Money;
use domain::policy::Method;
use domain::returns::{Command, LineNo, Offer, OfferAnswer, OfferNo, OfferState, Return, ReturnLine, Status};
use leptos::prelude::*;

use super::door::DoorForm;
use super::rma;
use crate::forms::{CommandForm, Fields, noted};
use crate::ports::{Mistake, Noted, ReturnPage, ShopperDesk, Told};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, field_id, load, mistake_at};

/// What can still be changed, all in the same return (N10).
#[component]
pub fn Changes(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let at = |what: &str| format!("/returns/{}/{what}", page.request.rma);
    let waits = page.request.wanted.as_ref().is_some_and(|wanted| wanted.refused.is_none());
    let printed = !matches!(page.request.method, Method::Counter | Method::Pickup);
    let parcel = page.label && printed && !page.label_expired && !waits;
    let travels = page.request.method != Method::None;
    let collected = page.request.method == Method::Pickup;
    let offered = offer_made(&page).map(|_| view! { <p class="acts"><a class="btn" href=at(AnswerOffer::PAGE)>{m.offer_link()}</a></p> });
    if !page.can_change && !page.can_cancel && !page.can_show {
        return offered.into_any();
    }
    view! {
        {offered}
        <section class="card">
            <h2 class="h">{m.track_change_title()}</h2>
            <ul class="changes">
                {page.can_change.then(|| view! {
                    <li><form method="post" action=at("add")><button class="link" type="submit">{m.track_change_add()}</button></form>{travels.then(|| view! { <span class="quiet sm">{m.track_change_add_text()}</span> })}</li>
                })}
                {page.can_show.then(|| view! {
                    <li><a href=at("photos")>{m.track_change_photos()}</a><span class="quiet sm">{m.track_change_photos_text()}</span></li>
                })}
                {page.can_change.then(|| view! {
                    {travels.then(|| view! { <li><a href=at("method")>{if collected { m.track_change_pickup() } else { m.track_change_method() }}</a></li> })}
                    {collected.then(|| view! { <li><a href=at(DoorForm::PAGE)>{m.track_change_door()}</a></li> })}
                    {parcel.then(|| view! { <li><form method="post" action=at("label")><button class="link" type="submit">{m.track_change_label()}</button></form><span class="quiet sm">{m.track_change_label_text()}</span></li> })}
                })}
                {page.can_cancel.then(|| view! { <li><a href=at(Cancel::PAGE)>{m.track_cancel()}</a></li> })}
            </ul>
        </section>
    }
    .into_any()
}

/// "Call it off".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// All of it: nothing could be chosen.
    Whole,
    /// Lines that were ticked.
    Lines(Vec<LineNo>),
}

impl Cancel {
    const LINE: &str = "line";
    const CHOOSE: &str = "choose";
}

impl CommandForm for Cancel {
    const PAGE: &str = "cancel";

    fn parse(fields: &Fields) -> Result<Self, Noted> {
        let ticked: Vec<LineNo> = fields.all(Self::LINE).filter_map(|line| line.parse().ok()).collect();
        match (ticked.is_empty(), fields.get(Self::CHOOSE).is_empty()) {
            (true, true) => Ok(Self::Whole),
            (true, false) => Err(noted(Self::LINE, Mistake::NothingChosen)),
            (false, _) => Ok(Self::Lines(ticked)),
        }
    }

    fn command(self, request: &Return) -> Command {
        let lots = match self {
            Self::Lines(ticked) if !request.live_lines().all(|line| ticked.contains(&line.id)) => Some(request.lots_of(&ticked)),
            Self::Lines(_) | Self::Whole => None,
        };
        Command::Cancel { lots, reason: None }
    }

    fn told(request: &Return) -> Told {
        if request.status() == Status::Cancelled { Told::Cancelled } else { Told::Part }
    }
}

/// `/returns/{rma}/cancel`
#[component]
pub fn CancelReturn() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    let several = page.request.live_lines().count() > 1;
    let text = match (page.can_cancel, several) {
        (false, _) => m.track_cancel_late(),
        (true, false) => m.track_cancel_text(),
        (true, true) => m.track_cancel_rest(),
    };
    let choice = several.then(|| view! { <Choice page=page.clone()/> });
    let mistakes = page.mistakes_at(&[Cancel::LINE]);
    view! {
        <Frame title=m.track_cancel_title() chip=m.track_chip(rma) lead=text>
            <ErrorSummary mistakes=mistakes/>
            {if page.can_cancel {
                view! {
                    <form method="post" action=format!("/returns/{rma}/{}", Cancel::PAGE)>
                        {choice}
                        <p class="acts"><button class="btn danger" type="submit">{m.track_cancel_action()}</button> <a class="btn second" href=back>{m.track_cancel_keep()}</a></p>
                    </form>
                }
                .into_any()
            } else {
                view! { <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p> }.into_any()
            }}
        </Frame>
    }
}

/// Of several items, which: all are ticked, and what is not stays in the return.
#[component]
fn Choice(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let wrong = mistake_at(&page.mistakes, Cancel::LINE);
    let tiles: Vec<_> = page
        .request
        .live_lines()
        .map(|line| {
            let units = page.request.units_held(line);
            let name = say.units_of(&line.asked.name, units);
            let about: Vec<String> =
                line.asked.variant.clone().into_iter().chain(page.told_apart(line).map(|reason| say.reason(reason))).collect();
            let variant = (!about.is_empty()).then(|| view! { <span class="block quiet sm">{about.join(" · ")}</span> });
            view! {
                <label class="tile line">
                    <input class="check" type="checkbox" name=Cancel::LINE value=line.id.to_string() checked=true/>
                    <span><b>{name}</b>{variant}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="tiles" id=field_id(Cancel::LINE)>
            <legend class="h">{m.track_cancel_which()}</legend>
            <FieldError mistake=wrong id=field_id(Cancel::LINE)/>
            {tiles}
        </fieldset>
        <input type="hidden" name=Cancel::CHOOSE value="1"/>
    }
}

/// The customer's answer to less money than expected (N8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerOffer {
    pub offer: OfferNo,
    pub answer: OfferAnswer,
}

impl AnswerOffer {
    const OFFER: &str = "offer";
    const ANSWER: &str = "answer";
    const WORDS: &str = "words";
}

impl CommandForm for AnswerOffer {
    const PAGE: &str = "offer";

    fn parse(fields: &Fields) -> Result<Self, Noted> {
        // The page names it.
        let offer = fields.get(Self::OFFER).parse().map_err(|_| noted(Self::ANSWER, Mistake::NoLonger))?;
        let words = fields.get(Self::WORDS);
        // Who says what is wrong sees it differently.
        let chosen = Some(fields.get(Self::ANSWER)).filter(|chosen| !chosen.is_empty() || words.is_empty()).unwrap_or("appeal");
        let answer = match chosen {
            "accept" => OfferAnswer::Accept,
            "appeal" if words.is_empty() => return Err(noted(Self::WORDS, Mistake::Unanswered)),
            "appeal" if words.chars().count() > LONGEST_COMMENT => {
                return Err(noted(Self::WORDS, Mistake::CommentLong { most: LONGEST_COMMENT as u32 }));
            }
            "appeal" => OfferAnswer::Appeal(words.to_owned()),
            "send_back" => OfferAnswer::SendBack,
            _ => return Err(noted(Self::ANSWER, Mistake::Unanswered)),
        };
        Ok(Self { offer, answer })
    }

    fn command(self, _: &Return) -> Command {
        Command::AnswerOffer { offer: self.offer, answer: self.answer }
    }

    fn told(_: &Return) -> Told {
        Told::Answered
    }
}

/// What waits for the customer's answer; one after the other.
fn offer_made(page: &ReturnPage) -> Option<&Offer> {
    page.request.offers.iter().find(|offer| offer.state == OfferState::Made).filter(|_| !page.request.newer)
}

/// `/returns/{rma}/offer`
#[component]
pub fn OfferMade() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <AskOffer page=page/> })
}

#[component]
fn AskOffer(page: ReturnPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    let Some(offer) = offer_made(&page).cloned() else {
        return view! {
            <Frame title=m.offer_title() chip=m.track_chip(rma) lead=m.offer_none()>
                <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p>
            </Frame>
        }
        .into_any();
    };
    let money = |minor| say.f.money(Money::new(minor, offer.currency));
    let (amount, expected, by) = (money(offer.amount), money(offer.expected), say.f.by(offer.until));
    let action = format!("{back}/{}", AnswerOffer::PAGE);
    let about = |line: &&ReturnLine| line.lots.iter().any(|lot| offer.lots.contains(&lot.id));
    let names: Vec<&str> = page.request.lines.iter().filter(about).map(|line| line.asked.name.as_str()).collect();
    let silence = if page.request.withdrawal { m.offer_silence_law().to_owned() } else { m.offer_silence(&amount, &by) };
    let (wrong, words_wrong) = (mistake_at(&page.mistakes, AnswerOffer::ANSWER), mistake_at(&page.mistakes, AnswerOffer::WORDS));
    // Who withdraws is paid, not sent the goods.
    let mut answers =
        vec![("accept", m.offer_accept(&amount), m.offer_accept_text()), ("appeal", m.offer_appeal().into(), m.offer_appeal_text())];
    answers.extend((!page.request.withdrawal).then(|| ("send_back", m.offer_send_back().into(), m.offer_send_back_text())));
    let answers: Vec<_> = answers
        .into_iter()
        .map(|(answer, name, text)| {
            let chosen = answer == "appeal" && words_wrong.is_some();
            view! {
                <label class="tile line">
                    <input class="check radio" type="radio" name=AnswerOffer::ANSWER value=answer checked=chosen/>
                    <span><b>{name}</b><span class="meta">{text}</span></span>
                </label>
            }
        })
        .collect();
    view! {
        <Frame title=m.offer_title() chip=m.track_chip(rma) lead=m.offer_lead(&by, m.list(&names))>
            <ErrorSummary mistakes=page.mistakes_at(&[AnswerOffer::ANSWER, AnswerOffer::WORDS])/>
            <section class="card">
                <dl class="receipt">
                    <div><dt>{m.offer_expected()}</dt><dd class="num">{expected}</dd></div>
                    <div class="total"><dt>{m.offer_amount()}</dt><dd class="num">{amount}</dd></div>
                </dl>
            </section>
            <form method="post" action=action>
                <input type="hidden" name=AnswerOffer::OFFER value=offer.id.to_string()/>
                <fieldset class="tiles" id=field_id(AnswerOffer::ANSWER)>
                    <legend class="h">{m.offer_ask()}</legend>
                    <FieldError mistake=wrong id=field_id(AnswerOffer::ANSWER)/>
                    {answers}
                    <p class="field">
                        <label for=field_id(AnswerOffer::WORDS)>{m.offer_words()}</label>
                        <FieldError mistake=words_wrong id=field_id(AnswerOffer::WORDS)/>
                        <textarea id=field_id(AnswerOffer::WORDS) name=AnswerOffer::WORDS rows="3" maxlength=LONGEST_COMMENT></textarea>
                    </p>
                    <p class="quiet sm">{silence}</p>
                </fieldset>
                <p class="acts"><button class="btn" type="submit">{m.offer_send()}</button> <a class="btn second" href=back>{m.shell_back()}</a></p>
            </form>
        </Frame>
    }
    .into_any()
}
