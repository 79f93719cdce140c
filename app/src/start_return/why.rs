//! Why does it come back?

use std::sync::Arc;

use domain::ids::LineKey;
use domain::item::{FITS, ItemSaid, LONGEST_COMMENT, NotTaken, PACKAGINGS};
use domain::reason::{Fault, Reason};
use leptos::prelude::*;

use super::{EnterGoesOn, Foot, OtherDevice, SameForAll, Seen, draft, step, worth};
use crate::forms::{Fields, noted, of_item};
use crate::islands::Preview;
use crate::messages::Messages;
use crate::ports::{Mistake, Noted, ShopperDesk, WhyItem, WhyPage};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, Frame, ItemTile, Wake, escaped, field_id, load, mistake_at};

/// "Why?", of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemWhy {
    /// The reason, where one is chosen.
    pub reason: Option<String>,
    /// A finer one of that reason's.
    pub sub_reason: Option<String>,
    /// All that is asked of the item beside.
    pub said: ItemSaid,
}

impl ItemWhy {
    const REASON: &str = "reason";
    const SUB_REASON: &str = "sub_reason";

    /// Whether a form asks about the item.
    #[must_use]
    pub fn is_asked(fields: &Fields, item: &LineKey) -> bool {
        let asked = [Self::REASON, ItemSaid::COMMENT].map(|question| of_item(question, item));
        fields.0.iter().any(|(name, _)| asked.contains(name))
    }

    /// Reads what was said of the item shown.
    #[must_use]
    pub fn parse(fields: &Fields, item: &WhyItem) -> (Self, Vec<Noted>) {
        let field = |name: &str| of_item(name, &item.head.key);
        let mut mistakes = Vec::new();
        let chosen = item.reasons.iter().find(|reason| reason.code.as_str() == fields.get(&field(Self::REASON)));
        let mut sub_reason = None;
        match chosen {
            None => mistakes.push(noted(field(Self::REASON), Mistake::ReasonMissing { name: item.head.name.clone() })),
            Some(reason) if !reason.sub_reasons.is_empty() => {
                let typed = fields.get(&sub_field(&field(Self::SUB_REASON), reason)).to_owned();
                sub_reason = reason.sub_reasons.iter().map(|sub| sub.code.to_string()).find(|code| *code == typed);
                if sub_reason.is_none() {
                    mistakes.push(noted(field(Self::SUB_REASON), Mistake::SubReasonMissing));
                }
            }
            Some(_) => {}
        }
        // What never arrived is in no state.
        let conditions: &[&str] = if chosen.is_some_and(|reason| reason.never_arrived) { &[] } else { &item.conditions };
        let answer = |name: &str| match name {
            ItemSaid::CONDITION => fields.maybe(&field(name)).filter(|given| conditions.contains(&given.as_str())),
            ItemSaid::PACKAGING => fields.maybe(&sub_field(&field(name), chosen.filter(|reason| asks_packaging(reason))?)),
            _ => fields.maybe(&field(name)),
        };
        let (said, not_taken) = ItemSaid::read(|name| Ok(answer(name)));
        if !conditions.is_empty() && said.condition.is_none() {
            mistakes.push(noted(field(ItemSaid::CONDITION), Mistake::ConditionMissing));
        }
        mistakes.extend(not_taken.into_iter().filter_map(|(name, why)| match why {
            NotTaken::LongerThan(most) => Some(noted(field(name), Mistake::CommentLong { most: u32::try_from(most).unwrap_or(u32::MAX) })),
            // The page offers no such thing.
            NotTaken::NoneOf { .. } | NotTaken::NoText | NotTaken::NoDay(_) => None,
        }));
        (Self { reason: chosen.map(|reason| reason.code.to_string()), sub_reason, said }, mistakes)
    }
}

/// What happened on the way is traced by the packaging (C13).
fn asks_packaging(reason: &Reason) -> bool {
    reason.fault == Fault::Carrier
}

/// Every reason has its own fields for what is asked for it, so that without JavaScript none of another reason is sent.
fn sub_field(sub_reason: &str, reason: &Reason) -> String {
    format!("{sub_reason}|{}", reason.code)
}

/// `/return/{draft}/why`
#[component]
pub fn Why() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let draft = draft();
    load(async move { desk.why_page(&draft).await }, |page| view! { <Tell page=page/> })
}

#[component]
fn Tell(page: WhyPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let action = format!("/return/{}/why", page.draft);
    let back = format!("/return/{}/items", page.draft);
    let preview = format!("/return/{}/preview/why", page.draft);
    let (sum, note) = worth(&expect_context::<Say>(), page.worth);
    let title = if page.items.len() > 1 { m.why_title_many() } else { m.why_title() };
    let several = page.items.len() > 1;
    let tell = |(place, item)| view! { <TellItem item=item mistakes=page.mistakes.clone() same=several && place == 0/> };
    let items: Vec<_> = page.items.into_iter().enumerate().map(tell).collect();
    view! {
        <Frame title=title step=step(3, m.why_step()) lead=m.why_lead()>
            <ErrorSummary mistakes=page.mistakes/>
            <form method="post" action=action class="asked">
                <Seen seen=page.seen/>
                {several.then(|| view! { <EnterGoesOn/> })}
                {items}
                <Preview source=preview/>
                <Foot sum=sum note=note back=back action=m.shell_continue()/>
            </form>
            <Wake/>
            <OtherDevice draft=page.draft/>
        </Frame>
    }
}

#[component]
fn TellItem(item: WhyItem, mistakes: Vec<Noted>, same: bool) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let key = item.head.key.clone();
    let field = |name: &str| of_item(name, &key);
    let name = item.head.name.clone();
    let reason_field = field(ItemWhy::REASON);
    let wrong = mistake_at(&mistakes, &reason_field);
    let reasons: Vec<_> = item
        .reasons
        .into_iter()
        .map(|reason| {
            let chosen = item.reason.as_deref() == Some(reason.code.as_str());
            let sub = if chosen { item.sub_reason.clone() } else { None };
            let sub_wrong = if chosen { mistake_at(&mistakes, &field(ItemWhy::SUB_REASON)) } else { None };
            let packaging = asks_packaging(&reason).then(|| {
                let said = item.said.packaging.as_ref().filter(|_| chosen).map(ToString::to_string);
                let legend = m.format_aside(m.why_packaging(), m.shell_optional());
                let field = sub_field(&field(ItemSaid::PACKAGING), &reason);
                let options = choices(m, ItemSaid::PACKAGING, &PACKAGINGS);
                view! { <div class="subs"><Options legend=legend field=field options=options chosen=said wrong=None/></div> }.into_any()
            });
            view! { <ReasonChoice reason=reason field=reason_field.clone() sub_field_of_item=field(ItemWhy::SUB_REASON) chosen=chosen sub=sub wrong=sub_wrong beside=packaging/> }
        })
        .collect();
    let conditions = (!item.conditions.is_empty()).then(|| {
        let field = field(ItemSaid::CONDITION);
        let wrong = mistake_at(&mistakes, &field);
        let options = item.conditions.iter().map(|code| (*code, m.condition(code).unwrap_or(code))).collect();
        view! { <Options legend=m.why_condition() field=field options=options chosen=item.said.condition.as_ref().map(ToString::to_string) wrong=wrong/> }
    });
    let fit = item.ask_fit.then(|| {
        let options = choices(m, ItemSaid::FIT, &FITS);
        let legend = m.format_aside(m.why_fit(), m.shell_optional());
        view! { <Options legend=legend field=field(ItemSaid::FIT) options=options chosen=item.said.fit.as_ref().map(ToString::to_string) wrong=None/> }
    });
    let seal = item.ask_seal.then(|| {
        let options = choices(m, ItemSaid::SEAL_BROKEN, &["false", "true"]);
        let legend = m.format_aside(m.why_seal(), m.shell_optional());
        view! { <Options legend=legend field=field(ItemSaid::SEAL_BROKEN) options=options chosen=item.said.seal_broken.map(|broken| broken.to_string()) wrong=None/> }
    });
    let comment = field(ItemSaid::COMMENT);
    let comment_id = field_id(&comment);
    let comment_wrong = mistake_at(&mistakes, &comment);
    view! {
        <section class="card about" aria-label=name>
            <ItemTile head=item.head/>
            <fieldset class="reasons" id=field_id(&reason_field)>
                <legend class="sr">{m.why_reason()}</legend>
                <FieldError mistake=wrong id=field_id(&reason_field)/>
                {reasons}
            </fieldset>
            {conditions}
            {seal}
            {fit}
            <p class="field">
                <label for=comment_id.clone()>{m.format_aside(m.why_comment(), m.shell_optional())}</label>
                <span class="hint" id=format!("{comment_id}-hint")>{m.why_comment_hint()}</span>
                <FieldError mistake=comment_wrong id=comment_id.clone()/>
                <textarea id=comment_id.clone() name=comment rows="2" maxlength=LONGEST_COMMENT aria-describedby=format!("{comment_id}-hint")>{escaped(item.said.comment.as_deref().unwrap_or_default())}</textarea>
            </p>
            {same.then(|| view! { <SameForAll item=key.clone()/> })}
        </section>
    }
}

/// The choices of a question, in words: those of `[said]`, by the question's name and theirs.
fn choices(m: Messages, question: &str, codes: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    codes.iter().map(|code| (*code, m.said(&format!("{question}_{code}")).unwrap_or(code))).collect()
}

#[component]
fn ReasonChoice(
    reason: Reason,
    field: String,
    sub_field_of_item: String,
    chosen: bool,
    sub: Option<String>,
    wrong: Option<Mistake>,
    beside: Option<AnyView>,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let code = reason.code.to_string();
    let name = sub_field(&sub_field_of_item, &reason);
    let subs = (!reason.sub_reasons.is_empty()).then(|| {
        let options = reason.sub_reasons.iter().map(|sub| (sub.code.to_string(), say.reason(sub))).collect();
        // A mistake is about the reason that was chosen.
        let id = field_id(if chosen { &sub_field_of_item } else { &name });
        view! { <div class="subs"><Choices legend=m.why_sub_reason().to_owned() name=name options=options chosen=sub wrong=wrong id=id/></div> }
    });
    view! {
        <div class="reason">
            <label class="tile line"><input class="check radio" type="radio" name=field value=code checked=chosen/><span><b>{say.reason(&reason)}</b></span></label>
            {subs}
            {beside}
        </div>
    }
}

/// A few choices in a row.
#[component]
fn Options(
    #[prop(into)] legend: String,
    field: String,
    options: Vec<(&'static str, &'static str)>,
    chosen: Option<String>,
    wrong: Option<Mistake>,
) -> impl IntoView {
    let options = options.into_iter().map(|(code, text)| (code.to_owned(), text.to_owned())).collect();
    let id = field_id(&field);
    view! { <Choices legend=legend name=field options=options chosen=chosen wrong=wrong id=id/> }
}

#[component]
fn Choices(
    legend: String,
    name: String,
    options: Vec<(String, String)>,
    chosen: Option<String>,
    wrong: Option<Mistake>,
    id: String,
) -> impl IntoView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(code, text)| {
            let checked = chosen.as_deref() == Some(code.as_str());
            view! { <label class="pill"><input class="sr" type="radio" name=name.clone() value=code checked=checked/><span>{text}</span></label> }
        })
        .collect();
    view! {
        <fieldset class="pills" id=id.clone()>
            <legend>{legend}</legend>
            <FieldError mistake=wrong id=id.clone()/>
            {options}
        </fieldset>
    }
}
