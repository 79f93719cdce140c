//! What customers are told, worded by the shop: by occasion, channel and language.

use std::collections::BTreeMap;

use domain::plain::{maybe_line, several_lines};
use domain::replies::unknown_places;
use domain::rma::RmaNumber;
use domain::words::Locale;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::desk;
use super::frame::{Here, StaffFrame};
use super::replies::braced;
use crate::forms::{Fields, noted};
use crate::messages::{MessageChannel, Messages, Occasion, Part, TemplateOf};
use crate::ports::{MessageAsked, MessagePage, MessageVersion, MessagesPage, Mistake, Noted};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, escaped, field_id, load, mistake_at};

/// Where what is being written is looked at.
const LOOK: &str = "look";

/// A shop's words, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageForm {
    pub parts: BTreeMap<Part, String>,
    /// The version that they were changed from.
    pub version: i64,
    pub rma: String,
    /// The product's words are to come back.
    pub reset: bool,
    pub mistakes: Vec<Noted>,
}

impl MessageForm {
    pub const CHANNEL: &'static str = "channel";
    pub const LANGUAGE: &'static str = "language";
    pub const RMA: &'static str = "rma";
    pub const VERSION: &'static str = "version";
    pub const RESET: &'static str = "reset";

    /// What was sent; what a message cannot say is a mistake at its place.
    #[must_use]
    pub fn parse(fields: &Fields, of: TemplateOf) -> Self {
        let mut mistakes = Vec::new();
        let places = of.places();
        let mut parts = BTreeMap::new();
        for part in of.standard().into_keys() {
            let typed = fields.get(part.code());
            let text = if part == Part::Subject { maybe_line(Some(typed), usize::MAX).unwrap_or_default() } else { several_lines(typed) };
            let unknown = unknown_places(&text, &places).into_iter().next();
            let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let mistake = if text.is_empty() && part != Part::Note {
                Some(Mistake::MessageEmpty)
            } else if text.chars().count() > part.most() {
                Some(Mistake::MessageLong { most: whole(part.most()) })
            } else {
                unknown.map(|at| Mistake::MessagePlace { name: braced(at.name), line: whole(at.line), letter: whole(at.column) })
            };
            mistakes.extend(mistake.map(|mistake| noted(part.code(), mistake)));
            parts.insert(part, text);
        }
        let version = fields.get(Self::VERSION).parse().unwrap_or(0);
        let reset = fields.maybe(Self::RESET).is_some();
        if reset {
            mistakes.clear();
        }
        Self { parts, version, rma: fields.get(Self::RMA).trim().to_owned(), reset, mistakes }
    }
}

/// Where the words of an occasion are, by channel and language.
#[must_use]
pub fn message_path(of: TemplateOf) -> String {
    format!("/staff/settings/messages/{}?channel={}&language={}", of.occasion.code(), of.channel.code(), of.locale.tag())
}

impl Say {
    pub(super) fn message_channel(&self, channel: MessageChannel) -> &'static str {
        match channel {
            MessageChannel::Mail => self.m.deliveries_mail(),
            MessageChannel::Inbox => self.m.wording_inbox(),
            MessageChannel::Text => self.m.deliveries_text(),
        }
    }

    fn message_part(&self, part: Part) -> &'static str {
        match part {
            Part::Subject => self.m.wording_subject(),
            Part::Lead => self.m.wording_lead_part(),
            Part::LeadInReview => self.m.wording_lead_in_review(),
            Part::LeadDeclined => self.m.wording_lead_declined(),
            Part::Note => self.m.wording_note(),
            Part::Body => self.m.wording_body(),
        }
    }

    fn message_place(&self, place: &str) -> &'static str {
        let m = self.m;
        match place {
            "rma" => m.desk_place_return_number(),
            "shop" => m.desk_place_shop_name(),
            "date" => m.wording_place_date(),
            "order" => m.desk_place_order_number(),
            "items" => m.desk_place_items(),
            "amount" => m.wording_place_amount(),
            "expected" => m.wording_place_expected(),
            "minutes" => m.wording_place_minutes(),
            "link" => m.wording_place_link(),
            _ => "",
        }
    }

    /// What an occasion is called: the product's subject, with what it fills in left open.
    #[must_use]
    pub fn occasion(&self, occasion: Occasion) -> String {
        domain::replies::fill_named(occasion.mail(self.m.locale).subject, |_| Some("…"))
    }
}

/// `/staff/settings/messages`
#[component]
pub fn AllMessages() -> impl IntoView {
    let desk = desk();
    load(async move { desk.messages_page().await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: MessagesPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let MessagesPage { rail, own } = page;
    let mut occasions: Vec<Occasion> = Occasion::ALL.to_vec();
    // What is told of a return comes first, in the order of its life as far as names tell.
    occasions.sort_by_key(|occasion| !occasion.is_of_return());
    let rows: Vec<_> = occasions
        .into_iter()
        .map(|occasion| {
            let own: Vec<String> = own
                .iter()
                .filter(|own| own.occasion == occasion)
                .map(|own| m.wording_own_in(say.message_channel(own.channel), Messages::new(own.locale).language_name()))
                .collect();
            let own = (!own.is_empty())
                .then(|| view! { <span class="block sm"><span class="chip brand">{m.wording_own()}</span> " " {m.list(&own)}</span> });
            view! {
                <li class="card">
                    <p><a class="name" href=format!("/staff/settings/messages/{}", occasion.code())>{say.occasion(occasion)}</a>{own}</p>
                </li>
            }
        })
        .collect();
    view! {
        <StaffFrame rail=rail here=Here::Messages title=m.wording_title()>
            <p class="quiet">{m.wording_lead()}</p>
            <ul class="people">{rows}</ul>
        </StaffFrame>
    }
}

/// `/staff/settings/messages/{occasion}`
#[component]
pub fn OneMessage() -> impl IntoView {
    let desk = desk();
    let occasion = use_params_map().with_untracked(|params| params.get("occasion").unwrap_or_default());
    let asked = use_query_map().with_untracked(|query| MessageAsked {
        channel: query.get(MessageForm::CHANNEL),
        language: query.get(MessageForm::LANGUAGE),
        rma: query.get(MessageForm::RMA),
        version: query.get(MessageForm::VERSION),
    });
    load(async move { desk.message_page(&occasion, asked).await }, |page| view! { <One page=page/> })
}

#[component]
fn One(page: MessagePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let MessagePage { rail, of, languages, parts, version, is_own, follows_mail, worded_elsewhere, sample, versions, mistakes } = page;
    let TemplateOf { occasion, locale, channel } = of;
    let rma = sample.map(|rma: RmaNumber| rma.to_string()).unwrap_or_default();
    let here = |of: TemplateOf| message_path(of);
    let channels: Vec<_> = occasion
        .channels()
        .iter()
        .map(|one| {
            let current = (*one == channel).then_some("page");
            view! { <li><a href=here(TemplateOf { channel: *one, ..of }) aria-current=current>{say.message_channel(*one)}</a></li> }
        })
        .collect();
    let spoken: Vec<_> = languages
        .into_iter()
        .map(|one: Locale| {
            let current = (one == locale).then_some("page");
            let name = Messages::new(one).language_name();
            view! { <li><a href=here(TemplateOf { locale: one, ..of }) aria-current=current lang=one.tag()>{name}</a></li> }
        })
        .collect();
    let fields: Vec<_> = parts
        .into_iter()
        .map(|(part, text)| {
            let (id, wrong) = (field_id(part.code()), mistake_at(&mistakes, part.code()));
            let hint = (part == Part::Lead && channel == MessageChannel::Mail).then(|| view! { <span class="hint">{m.wording_lead_hint()}</span> });
            let input = if part == Part::Subject {
                view! { <input id=id.clone() name=part.code() value=text lang=locale.tag() maxlength=part.most() autocomplete="off"/> }.into_any()
            } else {
                let rows = if part == Part::Note { "3" } else { "5" };
                view! { <textarea id=id.clone() name=part.code() lang=locale.tag() rows=rows maxlength=part.most()>{escaped(&text)}</textarea> }.into_any()
            };
            view! {
                <p class="field">
                    <label for=id.clone()>{say.message_part(part)}</label>
                    {hint}
                    <FieldError mistake=wrong id=id/>
                    {input}
                </p>
            }
        })
        .collect();
    let places: Vec<_> = of
        .places()
        .into_iter()
        .map(|place| view! { <div><dt><code>{braced(place)}</code></dt><dd>{say.message_place(place)}</dd></div> })
        .collect();
    let past: Vec<_> = versions.into_iter().map(|past| view! { <Past past=past of=of/> }).collect();
    let past = (!past.is_empty())
        .then(|| view! { <details class="card"><summary>{m.wording_versions()}</summary><ul class="others">{past}</ul></details> });
    let action = format!("/staff/settings/messages/{}", occasion.code());
    let look = format!("{action}/preview");
    let first = format!("{look}?channel={}&language={}&rma={rma}", channel.code(), locale.tag());
    let wrong = mistake_at(&mistakes, MessageForm::RMA);
    let rma_id = field_id(MessageForm::RMA);
    let of_return = occasion.is_of_return().then(|| {
        view! {
            <p class="field">
                <label for=rma_id.clone()>{m.wording_sample()}</label>
                <span class="hint">{m.wording_sample_hint()}</span>
                <FieldError mistake=wrong id=rma_id.clone()/>
                <input id=rma_id name=MessageForm::RMA value=rma maxlength="20" autocomplete="off"/>
            </p>
        }
    });
    view! {
        <StaffFrame rail=rail here=Here::Messages title=say.occasion(occasion) over=m.wording_title()>
            <ErrorSummary mistakes=mistakes.clone()/>
            <nav aria-label=m.deliveries_by()><ul class="views">{channels}</ul></nav>
            <nav aria-label=m.wording_by_language()><ul class="views">{spoken}</ul></nav>
            {worded_elsewhere.then(|| view! { <p class="heed">{m.wording_elsewhere()}</p> })}
            {follows_mail.then(|| view! { <p class="quiet">{m.wording_follows()}</p> })}
            <div class="wording">
                <form class="form card" method="post" action=action data-look=LOOK>
                    <input type="hidden" name=MessageForm::CHANNEL value=channel.code()/>
                    <input type="hidden" name=MessageForm::LANGUAGE value=locale.tag()/>
                    <input type="hidden" name=MessageForm::VERSION value=version.to_string()/>
                    <p class="quiet sm">{if is_own { m.wording_is_own() } else { m.wording_is_standard() }}</p>
                    {fields}
                    {of_return}
                    <p class="acts">
                        <button class="btn" type="submit">{m.staff_person_save()}</button>
                        <button class="btn second" type="submit" formaction=look formtarget=LOOK>{m.wording_look()}</button>
                        {is_own.then(|| view! { <button class="btn danger" type="submit" name=MessageForm::RESET value="1">{m.wording_reset()}</button> })}
                    </p>
                    <p class="quiet sm">{m.wording_from_now()}</p>
                </form>
                <section class="card" aria-label=m.wording_preview()>
                    <h2 class="h">{m.wording_preview()}</h2>
                    <iframe name=LOOK src=first title=m.wording_preview() sandbox="allow-same-origin"></iframe>
                </section>
            </div>
            <section class="card"><h2 class="h">{m.desk_places()}</h2><p class="quiet sm">{m.wording_places()}</p><dl class="places">{places}</dl></section>
            {past}
            <p><a href="/staff/settings/messages">{m.wording_all()}</a></p>
            <LookAgain/>
        </StaffFrame>
    }
}

#[component]
fn Past(past: MessageVersion, of: TemplateOf) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let MessageVersion { version, by, at, is_standard } = past;
    let what = if is_standard { m.wording_version_standard() } else { m.wording_version_own() };
    let again = (!is_standard).then(|| {
        let to = format!("{}&version={version}", message_path(of));
        view! { " · " <a href=to>{m.wording_again()}<span class="sr">" · " {version}</span></a> }
    });
    view! { <li>{version} " · " {what} " · " {by} " · " {say.f.moment(at)} {again}</li> }
}

/// Shows again what is being written when the fingers rest.
#[component]
fn LookAgain() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! { <script nonce=nonce>{SCRIPT}</script> }
}

const SCRIPT: &str = r#"(function(){
var f=document.querySelector('form[data-look]'),b=f&&f.querySelector('[formtarget]'),t;
if(!b||!f.requestSubmit)return;
f.addEventListener('input',function(){clearTimeout(t);t=setTimeout(function(){f.requestSubmit(b)},500)})})();"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(channel: MessageChannel) -> TemplateOf {
        TemplateOf { occasion: Occasion::ReturnCancelled, locale: Locale::En, channel }
    }

    fn typed(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_a_message_cannot_say_is_a_mistake_at_its_place() {
        let form = |subject: &str, lead: &str, note: &str| {
            MessageForm::parse(&typed(&[("subject", subject), ("lead", lead), ("note", note), ("version", "3")]), of(MessageChannel::Mail))
        };
        let fine = form("{rma} is off\r\nBcc: x", "all is\n\ngone, {items}", "");
        assert_eq!((fine.mistakes, fine.version), (vec![], 3));
        assert!(!fine.parts[&Part::Subject].contains(['\r', '\n']), "a subject is one line");
        for (subject, lead, note, field, mistake) in [
            ("", "a", "", "subject", Mistake::MessageEmpty),
            ("a", " \n", "", "lead", Mistake::MessageEmpty),
            ("a", "a", &"ä".repeat(2_001), "note", Mistake::MessageLong { most: 2_000 }),
            ("a", "one\ntwo {day}", "", "lead", Mistake::MessagePlace { name: "{day}".into(), line: 2, letter: 5 }),
            // Known, but not on this occasion.
            ("a {amount}", "a", "", "subject", Mistake::MessagePlace { name: "{amount}".into(), line: 1, letter: 3 }),
            ("a", "{link}", "", "lead", Mistake::MessagePlace { name: "{link}".into(), line: 1, letter: 1 }),
        ] {
            assert_eq!(form(subject, lead, note).mistakes, [noted(field, mistake)], "{subject} {lead}");
        }
        let text = MessageForm::parse(&typed(&[("body", "{shop}: {link}"), ("reset", "1")]), of(MessageChannel::Text));
        assert!(text.reset && text.mistakes.is_empty() && text.parts.len() == 1);
        let reset = MessageForm::parse(&typed(&[("reset", "1")]), of(MessageChannel::Mail));
        assert!(reset.mistakes.is_empty(), "what is thrown away need not be right");
    }
}
