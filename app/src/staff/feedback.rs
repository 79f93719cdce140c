//! What customers say of how their returns went: the score over time and by what it depends on, what changed after a day, and their words (A13, C37, C38).

use domain::plain::one_line;
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::desk;
use super::frame::{Here, StaffFrame};
use crate::forms::{Fields, noted};
use crate::ports::{Facet, FeedbackAsked, FeedbackPage, Mistake, Noted, SaidView, Score, Span};
use crate::say::Say;
use crate::ui::{ErrorSummary, FieldError, field_id, load, mistake_at};

/// What is asked of the page.
pub struct FeedbackForm;

impl FeedbackForm {
    const FROM: &'static str = "from";
    const TO: &'static str = "to";
    const TAG: &'static str = "tag";
    const SINCE: &'static str = "since";

    /// What is no day is as good as left out.
    #[must_use]
    pub fn asked(fields: &Fields) -> FeedbackAsked {
        let day = |name: &str| fields.get(name).parse::<Date>().ok().filter(|day| (1970..=9990).contains(&day.year()));
        let tag = fields.maybe(Self::TAG).and_then(|tag| TagsForm::tag(&tag));
        FeedbackAsked { from: day(Self::FROM), to: day(Self::TO), tag, since: day(Self::SINCE) }
    }

    /// Where the same is shown, or, with another path, had as a file.
    fn address(path: &str, asked: &FeedbackAsked) -> String {
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let told =
            [(Self::FROM, day(asked.from)), (Self::TO, day(asked.to)), (Self::TAG, asked.tag.clone()), (Self::SINCE, day(asked.since))];
        let told: Vec<String> = told.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(&value?)))).collect();
        if told.is_empty() { path.to_owned() } else { format!("{path}?{}", told.join("&")) }
    }
}

/// The tags of what a customer said, each once, in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagsForm(pub Vec<String>);

impl TagsForm {
    pub const TAGS: &'static str = "tags";
    /// Of which return.
    pub const RMA: &'static str = "rma";
    /// Tags of one rating, and characters of a tag.
    pub const MOST: usize = 10;
    pub const LONGEST: usize = 40;

    const COMMAS: [char; 3] = [',', '，', '、'];

    /// As tags are written: on one line, in small letters.
    fn tag(text: &str) -> Option<String> {
        let tag = one_line(text, usize::MAX).to_lowercase();
        (1..=Self::LONGEST).contains(&tag.chars().count()).then_some(tag)
    }

    /// What was sent, parted by commas; nothing takes all of them away.
    pub fn parse(fields: &Fields) -> Result<Self, Noted> {
        let parts = fields.get(Self::TAGS).split(Self::COMMAS).map(str::trim).filter(|part| !part.is_empty());
        let wrong = || noted(Self::TAGS, Mistake::FeedbackTags { most: Self::MOST as u32, longest: Self::LONGEST as u32 });
        Self::of(parts.map(str::to_owned)).ok_or_else(wrong)
    }

    /// These tags; nothing where one is none, or there are too many.
    #[must_use]
    pub fn of(tags: impl IntoIterator<Item = String>) -> Option<Self> {
        let written = |tag: String| Self::tag(&tag).filter(|tag| !tag.contains(Self::COMMAS));
        let mut tags: Vec<String> = tags.into_iter().map(written).collect::<Option<_>>()?;
        tags.sort();
        tags.dedup();
        (tags.len() <= Self::MOST).then_some(Self(tags))
    }
}

/// As it stands in an address.
pub(super) fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(letter).collect()
}

impl Say {
    fn facet(&self, facet: Facet) -> &'static str {
        let m = self.m;
        match facet {
            Facet::Reason => m.feedback_by_reason(),
            Facet::Carrier => m.feedback_by_carrier(),
            Facet::Warehouse => m.feedback_by_warehouse(),
            Facet::Product => m.feedback_by_product(),
            Facet::Tag => m.feedback_by_tag(),
        }
    }

    /// With one decimal.
    fn tenths(&self, tenths: u64) -> String {
        self.f.number(format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// Stars on average, with one decimal.
    fn average(&self, score: Score) -> String {
        score.tenths().map_or_else(|| "–".to_owned(), |tenths| self.tenths(tenths))
    }

    /// Hours in words: days with one decimal.
    fn took(&self, hours: Option<u64>) -> String {
        hours.map_or_else(|| "–".to_owned(), |hours| self.m.feedback_days(self.tenths((hours * 10 + 12) / 24)))
    }
}

/// `/staff/reports/feedback`
#[component]
pub fn FeedbackReport() -> impl IntoView {
    let desk = desk();
    let fields =
        use_query_map().with_untracked(|query| Fields::sent(query.clone().into_iter().map(|(name, value)| (name.to_string(), value))));
    let asked = FeedbackForm::asked(&fields);
    load(async move { desk.feedback_page(asked).await }, |page| view! { <All page=page/> })
}

#[component]
fn All(page: FeedbackPage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let FeedbackPage { rail, asked, whole, weeks, by, changed, said, more, today, mistakes, typed } = page;
    let file = FeedbackForm::address("/staff/reports/feedback/file", &asked);
    let weeks: Vec<(String, Score)> = weeks.into_iter().map(|(monday, score)| (m.feedback_week(say.f.date(monday)), score)).collect();
    let facets: Vec<_> = by
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(facet, rows)| {
            let rows: Vec<(String, Score)> = rows
                .into_iter()
                .map(|(code, name, score)| {
                    let name = match facet {
                        Facet::Reason => m.reason(&code).map_or(name, str::to_owned),
                        _ => name,
                    };
                    (name, score)
                })
                .collect();
            view! { <Scores title=say.facet(facet) rows=rows/> }
        })
        .collect();
    let changed = changed.map(|(before, since)| view! { <Changed before=before since=since/> });
    let none = said.is_empty();
    let said: Vec<_> = said
        .into_iter()
        .map(|said| {
            let here = typed.as_ref().filter(|(rma, _)| *rma == said.rma.to_string()).map(|(_, typed)| typed.clone());
            let wrong = mistake_at(&mistakes, TagsForm::TAGS).filter(|_| here.is_some());
            view! { <One said=said asked=asked.clone() typed=here wrong=wrong/> }
        })
        .collect();
    let [from, to, tag, since] = [FeedbackForm::FROM, FeedbackForm::TO, FeedbackForm::TAG, FeedbackForm::SINCE].map(field_id);
    view! {
        <StaffFrame rail=rail here=Here::Feedback title=m.feedback_room()>
            <p class="quiet">{m.feedback_text()}</p>
            <ErrorSummary mistakes=mistakes.clone()/>
            <form class="card form" action="/staff/reports/feedback">
                <p class="field"><label for=from.clone()>{m.settle_from()}</label><input id=from type="date" name=FeedbackForm::FROM value=whole.from.to_string() max=today.to_string()/></p>
                <p class="field"><label for=to.clone()>{m.settle_to()}</label><input id=to type="date" name=FeedbackForm::TO value=whole.to.to_string() max=today.to_string()/></p>
                <p class="field"><label for=tag.clone()>{m.feedback_tag()}</label><input id=tag name=FeedbackForm::TAG value=asked.tag.clone().unwrap_or_default() maxlength=TagsForm::LONGEST autocomplete="off"/></p>
                <p class="field"><label for=since.clone()>{m.feedback_since()}</label><span class="quiet sm block">{m.feedback_since_hint()}</span><input id=since type="date" name=FeedbackForm::SINCE value=asked.since.map(|day| day.to_string()).unwrap_or_default() max=today.to_string()/></p>
                <p class="acts"><button class="btn second" type="submit">{m.feedback_show()}</button></p>
            </form>
            <section class="card">
                <h2 class="h">{m.feedback_whole(say.f.date(whole.from), say.f.date(whole.to))}</h2>
                <p><b class="num">{say.average(whole.score)}</b> " " {m.feedback_of(whole.score.count)} " · " {m.feedback_low(whole.score.low)}</p>
                <p>{m.feedback_took()} " " <b>{say.took(whole.hours)}</b></p>
            </section>
            {changed}
            {(!weeks.is_empty()).then(|| view! { <Scores title=m.feedback_weeks() rows=weeks/> })}
            {facets}
            <section class="card">
                <h2 class="h">{m.feedback_said()}</h2>
                {if none {
                    view! { <p class="quiet">{m.feedback_none()}</p> }.into_any()
                } else {
                    view! { <ul class="others">{said}</ul> }.into_any()
                }}
                {more.then(|| view! { <p class="quiet sm">{m.feedback_more()}</p> })}
                <p><a href=file>{m.feedback_file()}</a></p>
            </section>
        </StaffFrame>
    }
}

/// Scores, row by row.
#[component]
fn Scores(title: &'static str, rows: Vec<(String, Score)>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, score)| {
            view! {
                <li>
                    <b>{name}</b> " " <span class="num">{say.average(score)}</span>
                    <span class="quiet sm">{m.feedback_of(score.count)} " · " {m.feedback_low(score.low)}</span>
                </li>
            }
        })
        .collect();
    view! { <section class="card"><h2 class="h">{title}</h2><ul class="others">{rows}</ul></section> }
}

/// What came before a day, held against what came since.
#[component]
fn Changed(before: Span, since: Span) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let row = |name: String, span: Span| {
        view! {
            <li>
                <b>{name}</b> " " <span class="num">{say.average(span.score)}</span>
                <span class="quiet sm">{m.feedback_of(span.score.count)} " · " {m.feedback_low(span.score.low)} " · " {m.feedback_took()} " " {say.took(span.hours)}</span>
            </li>
        }
    };
    let rows = [
        row(m.feedback_before(say.f.date(before.from), say.f.date(before.to)), before),
        row(m.feedback_after(say.f.date(since.from), say.f.date(since.to)), since),
    ];
    view! { <section class="card"><h2 class="h">{m.feedback_changed()}</h2><ul class="others">{rows}</ul></section> }
}

#[component]
fn One(said: SaidView, asked: FeedbackAsked, typed: Option<String>, wrong: Option<Mistake>) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let SaidView { rma, feedback, tags } = said;
    let tagged: Vec<_> = tags
        .iter()
        .map(|tag| {
            let to = FeedbackForm::address("/staff/reports/feedback", &FeedbackAsked { tag: Some(tag.clone()), ..asked.clone() });
            view! { " " <a class="chip" href=to>{tag.clone()}</a> }
        })
        .collect();
    let open = typed.is_some();
    let value = typed.unwrap_or_else(|| tags.join(", "));
    let id = format!("{}-{rma}", field_id(TagsForm::TAGS));
    let error = id.clone();
    let low = feedback.is_low();
    view! {
        <li>
            <b class="chip" class:heed=low>{say.stars(feedback.stars)}</b> " " <a href=format!("/staff/returns/{rma}")>{rma.to_string()}</a>
            {feedback.words.map(|words| view! { <span class="block words">{words}</span> })}
            <span class="quiet sm">{say.f.moment(feedback.at)} {tagged}</span>
            <details open=open>
                <summary>{m.feedback_tags()}<span class="sr">" " {rma.to_string()}</span></summary>
                <form class="form" method="post" action="/staff/reports/feedback">
                    <input type="hidden" name=TagsForm::RMA value=rma.to_string()/>
                    <p class="field"><label for=id.clone()>{m.feedback_tags_parted()}</label><FieldError mistake=wrong id=error/><input id=id name=TagsForm::TAGS value=value maxlength="450" autocomplete="off"/></p>
                    <p class="acts"><button class="btn second" type="submit">{m.feedback_tags_save()}</button></p>
                </form>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_parted_by_any_comma_and_each_is_there_once() {
        let parse = |text: &str| TagsForm::parse(&Fields::from([(TagsForm::TAGS, text)])).map(|form| form.0).map_err(|noted| noted.mistake);
        assert_eq!(parse(" Slow , packaging，慢、slow,, "), Ok(vec!["packaging".into(), "slow".into(), "慢".into()]));
        assert_eq!(parse(""), Ok(Vec::new()));
        let wrong = Err(Mistake::FeedbackTags { most: 10, longest: 40 });
        assert_eq!(parse(&"字".repeat(41)), wrong);
        assert_eq!(parse(&"字".repeat(40)).map(|tags| tags.len()), Ok(1));
        let many = |count: usize| (0..count).map(|tag| tag.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!((parse(&many(10)).map(|tags| tags.len()), parse(&many(11))), (Ok(10), wrong));
    }

    #[test]
    fn what_is_no_day_is_left_out_and_an_address_says_what_was_asked() {
        let fields = Fields::from([("from", "2026-11-01"), ("to", "soon"), ("tag", " Slow "), ("since", "99999-01-01")]);
        let asked = FeedbackForm::asked(&fields);
        let told = FeedbackAsked { from: Some("2026-11-01".parse().unwrap()), to: None, tag: Some("slow".into()), since: None };
        assert_eq!(asked, told);
        assert_eq!(FeedbackForm::address("/x", &asked), "/x?from=2026-11-01&tag=slow");
        assert_eq!(FeedbackForm::address("/x", &FeedbackAsked::default()), "/x");
    }
}
