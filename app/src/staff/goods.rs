//! The dock: what came is counted in, looked at beside the customer's photos, and put where it belongs.
//! Long because the forms of the dock share their pieces.

use domain::item::LONGEST_COMMENT;
use domain::policy::{LONGEST_ANSWER, Question, QuestionKind};
use domain::returns::{CommandKind, Disposition, Grade, HandOut, Inspection, ReturnLine};
use domain::scrap::ScrapGround;
use leptos::prelude::*;

use super::decisions::Decide;
use super::goods_forms::{DockForm, InspectForm, MOST_BESIDE, PutForm, ReceiveForm, SendBackForm, may_go};
use super::keys::{self, Key};
use crate::forms::Fields;
use crate::ports::{CasePage, DockWay, Mistake};
use crate::say::Say;
use crate::ui::{FieldError, Thumbs, escaped, field_id, mistake_at};

/// Where the forms of the dock stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum At {
    /// On the page of the return, where what moves says of which version they are.
    #[default]
    Case,
    /// On the dock's own page, which the browser keeps: they say themselves of which version they are, who says it and by which name it is taken once.
    Dock { key: String },
}

impl At {
    fn path(&self, page: &CasePage, command: &str) -> String {
        let place = if *self == Self::Case { "returns" } else { "dock" };
        format!("/staff/{place}/{}/{command}", page.request.rma)
    }
}

/// What a form of the dock's own page says of itself.
#[component]
fn Of(at: At, page: CasePage) -> impl IntoView {
    let At::Dock { key } = at else { return None };
    Some(view! {
        <input type="hidden" name=Decide::VERSION value=page.request.version.to_string()/>
        <input type="hidden" name=DockForm::CLERK value=page.rail.id/>
        <input type="hidden" name=DockForm::KEY value=key/>
    })
}

/// What is to be booked in, and what is to be looked at.
#[component]
pub(super) fn Dock(page: CasePage) -> impl IntoView {
    let can = |kind: CommandKind| page.can.contains(&kind);
    let (comes, lies) = (waiting(&page, CommandKind::Receive), waiting(&page, CommandKind::Inspect));
    let receives = (can(CommandKind::Receive) && !comes.is_empty()).then(|| view! { <BookIn page=page.clone() lines=comes/> });
    let inspects = (can(CommandKind::Inspect) && !lies.is_empty()).then(|| view! { <LookAt page=page.clone() lines=lies/> });
    let lies = PutForm::waiting(&page.request).next().is_some();
    let puts = (can(CommandKind::Dispose) && lies).then(|| view! { <PutAway page=page.clone()/> });
    let leaves = page.request.lots().any(|(_, lot)| lot.state.disposition == Disposition::SendBack);
    let sends = (can(CommandKind::SendBack) && leaves).then(|| view! { <SendBack page=page.clone()/> });
    view! { {inspects}{receives}{puts}{sends} }
}

/// Lines of which that can be said, and of how many units.
pub(super) fn waiting(page: &CasePage, kind: CommandKind) -> Vec<(ReturnLine, u32)> {
    let out = HandOut::of(&page.request);
    let of = |line: &ReturnLine| (line.clone(), out.waiting(kind, line.id));
    page.request.lines.iter().map(of).filter(|(_, units)| *units > 0).collect()
}

/// Options of a list: code and words; the first of all is that nothing is chosen.
fn options(all: Vec<(&'static str, String)>, chosen: String, none: &'static str) -> impl IntoView {
    let all: Vec<_> = all.into_iter().map(|(code, label)| view! { <option value=code selected=code == chosen>{label}</option> }).collect();
    view! { <option value="">{none}</option> {all} }
}

/// Whether clothes or shoes of a line are destroyed only for a reason.
fn needs_reason(page: &CasePage, say: &Say, line: &ReturnLine) -> bool {
    let country = page.request.from.as_ref().and_then(|from| from.country);
    domain::scrap::needs_ground(line.asked.kinds.iter().chain(&line.asked.category), country, say.f.today)
}

fn grounds(say: &Say) -> Vec<(&'static str, String)> {
    ScrapGround::ALL.iter().map(|ground| (ground.code(), ground_name(say, *ground).to_owned())).collect()
}

#[component]
fn PutAway(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let before = typed(&page, DockForm::PUT);
    let task = page.has_task(domain::returns::TaskKind::PutAway);
    let rows: Vec<_> = PutForm::waiting(&page.request)
        .map(|(line, lot)| {
            let name = |of: &str| PutForm::field(of, lot.id);
            let was = |of: &str| before.as_ref().map_or_else(String::new, |fields| fields.get(&name(of)).to_owned());
            let may = |to: Disposition| to != lot.state.disposition && may_go(lot.state.inspection, to);
            let places = Disposition::PLACES.into_iter().filter(|(_, to)| may(*to)).map(|(code, to)| (code, say.disposition(to).to_owned())).collect();
            let (to, why) = (field_id(&name(InspectForm::TO)), field_id(&name(InspectForm::GROUND)));
            let ground = needs_reason(&page, &say, line).then(|| {
                let wrong = mistake_at(&page.mistakes, &name(InspectForm::GROUND));
                view! { <p class="field"><label for=why.clone()>{m.dock_ground()}</label><FieldError mistake=wrong id=why.clone()/><select id=why.clone() name=name(InspectForm::GROUND)>{options(grounds(&say), was(InspectForm::GROUND), m.dock_ground_none())}</select></p> }
            });
            let units = say.units_of(&line.asked.name, lot.units);
            let grade = lot.grade.map(|grade| m.dock_graded(grade));
            // What a rule says is chosen already; whoever chooses otherwise says why.
            let proposed = page.proposed.iter().find(|(of, _)| *of == lot.id).map(|(_, place)| place.clone());
            let chosen = before.as_ref().map_or_else(|| proposed.as_ref().map_or("", |place| place.to.name()).to_owned(), |_| was(InspectForm::TO));
            let said = proposed.map(|place| {
                let (at, wrong) = (field_id(&name(InspectForm::WHY)), mistake_at(&page.mistakes, &name(InspectForm::WHY)));
                view! {
                    <p class="quiet sm">{m.dock_proposed(say.disposition(place.to), place.rule)}</p>
                    <p class="field"><label for=at.clone()>{m.dock_why()}</label><FieldError mistake=wrong id=at.clone()/><input id=at name=name(InspectForm::WHY) maxlength=LONGEST_COMMENT autocomplete="off" value=escaped(&was(InspectForm::WHY))/></p>
                }
            });
            view! {
                <fieldset class="row">
                    <legend><b>{units}</b> " " <span class="quiet sm">{grade}</span></legend>
                    <p class="field"><label for=to.clone()>{m.dock_to()}</label><FieldError mistake=mistake_at(&page.mistakes, &name(InspectForm::TO)) id=to.clone()/><select id=to name=name(InspectForm::TO)>{options(places, chosen, m.dock_to_later())}</select></p>
                    {said}
                    {ground}
                </fieldset>
            }
        })
        .collect();
    view! {
        <details class="card dock" open=before.is_some() || task>
            <summary class="h" data-key=keys::PUT aria-keyshortcuts=keys::PUT>{m.dock_put()} " " <Key key=keys::PUT/></summary>
            <form class="form" method="post" action=format!("/staff/returns/{}/put", page.request.rma) id=DockForm::PUT>
                {rows}
                <p class="acts"><button class="btn" type="submit">{m.dock_put()}</button></p>
            </form>
        </details>
    }
}

#[component]
fn SendBack(page: CasePage) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let task = page.has_task(domain::returns::TaskKind::SendBack);
    let id = field_id(SendBackForm::NUMBER);
    let names: Vec<_> = page
        .request
        .lots()
        .filter(|(_, lot)| lot.state.disposition == Disposition::SendBack)
        .map(|(line, lot)| say.units_of(&line.asked.name, lot.units))
        .collect();
    view! {
        <details class="card dock" open=task>
            <summary class="h">{m.dock_send_back(m.list(&names))}</summary>
            <form class="form" method="post" action=format!("/staff/returns/{}/send-back", page.request.rma) id=DockForm::SEND_BACK>
                <p class="field"><label for=id.clone()>{m.dock_send_back_number()}</label><input id=id name=SendBackForm::NUMBER maxlength="200" autocomplete="off" data-takes=""/></p>
                <p class="acts"><button class="btn" type="submit">{m.dock_send_back_action()}</button></p>
            </form>
        </details>
    }
}

/// What was typed before, where it has to be mended.
pub(super) fn typed(page: &CasePage, form: &str) -> Option<Fields> {
    (page.open == form).then(|| Fields(page.counted.clone()))
}

#[component]
pub(super) fn BookIn(page: CasePage, lines: Vec<(ReturnLine, u32)>, #[prop(optional)] at: At) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let before = typed(&page, DockForm::RECEIVE);
    let task = page.has_task(domain::returns::TaskKind::Receive);
    let open = before.is_some() || task || at != At::Case;
    let value = |name: &str, first: String| before.as_ref().map_or(first, |fields| fields.short(name));
    let number = |name: String, label: String, first: String, most: u32| {
        let (wrong, id) = (mistake_at(&page.mistakes, &name), field_id(&name));
        let value = value(&name, first);
        view! {
            <p class="field">
                <label for=id.clone()>{label}</label>
                <FieldError mistake=wrong.clone() id=id.clone()/>
                <input id=id name=name type="number" inputmode="numeric" min="0" max=most value=value aria-invalid=wrong.is_some().then_some("true")/>
            </p>
        }
    };
    let rows: Vec<_> = lines
        .into_iter()
        .map(|(line, units)| {
            let name = |kind: &str| ReceiveForm::field(kind, line.id);
            view! {
                <fieldset class="row">
                    <legend><b>{line.asked.name.clone()}</b> " " <span class="quiet sm">{line.asked.variant.clone()} " " {line.asked.sku.to_string()}</span></legend>
                    {number(name("came"), m.dock_came(u64::from(units)), units.to_string(), units)}
                    {number(name("short"), m.dock_short().to_owned(), String::new(), units)}
                    {number(name("wrong"), m.dock_wrong().to_owned(), String::new(), units)}
                </fieldset>
            }
        })
        .collect();
    let house = (mistake_at(&page.mistakes, ReceiveForm::WAREHOUSE), field_id(ReceiveForm::WAREHOUSE));
    let last = page.request.receipts.last().and_then(|receipt| receipt.warehouse.clone());
    let warehouse = if page.warehouses.is_empty() {
        let value = value(ReceiveForm::WAREHOUSE, last.unwrap_or_default());
        view! { <input id=house.1.clone() name=ReceiveForm::WAREHOUSE maxlength="120" autocomplete="off" placeholder="main" value=escaped(&value)/> }.into_any()
    } else {
        let chosen = value(ReceiveForm::WAREHOUSE, last.unwrap_or_default());
        let all: Vec<_> = page
            .warehouses
            .iter()
            .map(|name| view! { <option value=name.clone() selected=*name == chosen>{name.clone()}</option> })
            .collect();
        view! { <select id=house.1.clone() name=ReceiveForm::WAREHOUSE>{all}</select> }.into_any()
    };
    let (sku, beside_sku) = (field_id(ReceiveForm::SKU), value(ReceiveForm::SKU, String::new()));
    let sku_wrong = mistake_at(&page.mistakes, ReceiveForm::SKU);
    let beside_open =
        before.as_ref().is_some_and(|fields| fields.maybe(ReceiveForm::BESIDE).is_some() || fields.maybe(ReceiveForm::SKU).is_some());
    view! {
        <details class="card dock" open=open>
            <summary class="h" data-key=keys::RECEIVE aria-keyshortcuts=keys::RECEIVE>{m.dock_receive()} " " <Key key=keys::RECEIVE/></summary>
            <form class="form" method="post" action=at.path(&page, "receive") id=DockForm::RECEIVE>
                <Of at=at.clone() page=page.clone()/>
                {rows}
                <details open=beside_open>
                    <summary>{m.dock_beside()}</summary>
                    <div class="row">
                        {number(ReceiveForm::BESIDE.to_owned(), m.dock_beside_units().to_owned(), String::new(), MOST_BESIDE)}
                        <p class="field"><label for=sku.clone()>{m.dock_beside_sku()}</label><FieldError mistake=sku_wrong id=sku.clone()/><input id=sku name=ReceiveForm::SKU maxlength="120" autocomplete="off" data-takes="" value=escaped(&beside_sku)/></p>
                    </div>
                </details>
                <p class="field"><label for=house.1.clone()>{m.dock_warehouse()}</label><FieldError mistake=house.0 id=house.1/>{warehouse}</p>
                <p class="acts"><button class="btn" type="submit">{m.dock_receive()}</button></p>
            </form>
        </details>
    }
}

#[component]
pub(super) fn LookAt(
    page: CasePage,
    lines: Vec<(ReturnLine, u32)>,
    #[prop(optional)] at: At,
    /// Of what is still looked for: shown once it is booked in where there is no network.
    #[prop(optional)]
    later: bool,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let task = page.has_task(domain::returns::TaskKind::Inspect);
    let forms: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(place, (line, most))| {
            let id = DockForm::of_line(line.id);
            let before = typed(&page, &id);
            let open = before.is_some() || (task || later) && place == 0;
            let name = |name: &str| InspectForm::field(name, line.id);
            let was = |of: &str, first: &str| before.as_ref().map_or_else(|| first.to_owned(), |fields| fields.get(&name(of)).to_owned());
            let wrong = |of: &str| mistake_at(&page.mistakes, &name(of));
            let given: Vec<_> = page.given.iter().filter(|given| line.asked.evidence.contains(&given.id)).cloned().collect();
            let ours: Vec<_> = page.ours.iter().filter(|(lot, _)| lot.line == line.id).map(|(_, given)| given.clone()).collect();
            let photos = (!given.is_empty()).then(|| view! { <div><p class="quiet sm">{m.dock_theirs_photos()}</p><Thumbs given=given/></div> });
            let ours = (!ours.is_empty()).then(|| view! { <div><p class="quiet sm">{m.bench_ours()}</p><Thumbs given=ours/></div> });
            let said = line.asked.said.comment.clone().map(|words| view! { <blockquote>{words}</blockquote> });
            let reason = page.reasons.iter().find(|reason| reason.code == *line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason));
            let results: Vec<_> = Inspection::RESULTS
                .into_iter()
                .zip([m.dock_accepted(), m.dock_downgraded(), m.dock_rejected()])
                .enumerate()
                .map(|(place, ((code, _), label))| {
                    let chosen = was(InspectForm::RESULT, "") == code;
                    // The first of them is what an error in the list leads to.
                    let own = (place == 0).then(|| field_id(&name(InspectForm::RESULT)));
                    view! { <label class="tick"><input class="check" type="radio" id=own name=name(InspectForm::RESULT) value=code checked=chosen/> <span>{label}</span></label> }
                })
                .collect();
            let grades = [m.dock_grade_a(), m.dock_grade_b(), m.dock_grade_c(), m.dock_grade_d()];
            let grades = Grade::ALL.iter().zip(grades).map(|(grade, label)| (grade.code(), label.to_owned())).collect();
            let places = Disposition::PLACES.into_iter().map(|(code, to)| (code, say.disposition(to).to_owned())).collect();
            let ground = needs_reason(&page, &say, &line).then(|| {
                let at = field_id(&name(InspectForm::GROUND));
                view! {
                    <p class="field">
                        <label for=at.clone()>{m.dock_ground()}</label>
                        <FieldError mistake=wrong(InspectForm::GROUND) id=at.clone()/>
                        <select id=at name=name(InspectForm::GROUND)>{options(grounds(&say), was(InspectForm::GROUND, ""), m.dock_ground_none())}</select>
                    </p>
                }
            });
            let ids = |of: &str| field_id(&name(of));
            let rules = page.dock.iter().find(|rules| rules.line == line.id).cloned();
            let ways = rules.as_ref().map(|rules| rules.ways.clone()).unwrap_or_default();
            let to_none = if ways.is_empty() { m.dock_to_later() } else { m.dock_to_rule() };
            let ways = (!ways.is_empty()).then(|| {
                let rows: Vec<_> = ways.iter().map(|way| view! { <li>{way_text(&say, way)}</li> }).collect();
                view! {
                    <div class="quiet sm"><p>{m.dock_ways()}</p><ul>{rows}</ul></div>
                    <p class="field"><label for=ids(InspectForm::WHY)>{m.dock_why()}</label><FieldError mistake=wrong(InspectForm::WHY) id=ids(InspectForm::WHY)/><input id=ids(InspectForm::WHY) name=name(InspectForm::WHY) maxlength=LONGEST_COMMENT autocomplete="off" value=escaped(&was(InspectForm::WHY, ""))/></p>
                }
            });
            let percents: Vec<String> = rules.iter().flat_map(|rules| &rules.percents).map(|(grade, percent)| m.dock_by_grade_one(grade, say.f.number(percent.percent()))).collect();
            let by_grade = (!percents.is_empty()).then(|| view! { <p class="quiet sm">{m.dock_by_grade(m.list(&percents))}</p> });
            let questions = rules.map(|rules| rules.questions).unwrap_or_default();
            let means = questions.iter().any(|question| !question.means.is_empty());
            let by_answers = means.then(|| {
                let chosen = was(InspectForm::RESULT, InspectForm::BY_ANSWERS) == InspectForm::BY_ANSWERS;
                view! { <label class="tick"><input class="check" type="radio" name=name(InspectForm::RESULT) value=InspectForm::BY_ANSWERS checked=chosen/> <span>{m.dock_result_answers()}</span></label> }
            });
            let questions = (!questions.is_empty()).then(|| {
                let asked: Vec<_> = questions
                    .iter()
                    .map(|question| {
                        let (answer, sold) = (InspectForm::answer_of(question.id.as_str(), line.id), InspectForm::sold_of(question.id.as_str(), line.id));
                        let typed = |name: &str| before.as_ref().map_or_else(String::new, |fields| fields.get(name).to_owned());
                        let wrong = mistake_at(&page.mistakes, &answer);
                        view! { <Asks question=question.clone() was=typed(&answer) why=typed(&sold) wrong=wrong answer=answer sold=sold/> }
                    })
                    .collect();
                view! { <fieldset><legend>{m.dock_questions()}</legend>{asked}</fieldset> }
            });
            let several = say.units_of(&line.asked.name, most);
            view! {
                <details class="card dock" open=open hidden=later data-later=later.then_some("")>
                    <summary class="h" data-key=(place == 0).then_some(keys::INSPECT) aria-keyshortcuts=(place == 0).then_some(keys::INSPECT)>{m.dock_inspect(&several)} {(place == 0).then(|| view! { " " <Key key=keys::INSPECT/> })}</summary>
                    <div class="looks">
                        <div>
                            <p>{reason.map(|reason| say.reason(reason))}</p>
                            {said}
                            {photos}
                            {ours}
                        </div>
                        <form class="form" method="post" enctype="multipart/form-data" action=at.path(&page, "inspect") id=id>
                            <Of at=at.clone() page=page.clone()/>
                            <input type="hidden" name=InspectForm::LINE value=line.id.to_string()/>
                            <fieldset class="which"><legend>{m.dock_result()}</legend><FieldError mistake=wrong(InspectForm::RESULT) id=ids(InspectForm::RESULT)/>{results}{by_answers}</fieldset>
                            {questions}
                            <div class="row">
                                <p class="field"><label for=ids(InspectForm::UNITS)>{m.dock_units(u64::from(most))}</label><FieldError mistake=wrong(InspectForm::UNITS) id=ids(InspectForm::UNITS)/><input id=ids(InspectForm::UNITS) name=name(InspectForm::UNITS) type="number" inputmode="numeric" min="1" max=most value=was(InspectForm::UNITS, &most.to_string())/></p>
                                <p class="field"><label for=ids(InspectForm::GRADE)>{m.dock_grade()}</label><select id=ids(InspectForm::GRADE) name=name(InspectForm::GRADE)>{options(grades, was(InspectForm::GRADE, ""), m.dock_grade_none())}</select></p>
                                <p class="field"><label for=ids(InspectForm::PERCENT)>{m.dock_percent()}</label><FieldError mistake=wrong(InspectForm::PERCENT) id=ids(InspectForm::PERCENT)/><input id=ids(InspectForm::PERCENT) name=name(InspectForm::PERCENT) inputmode="decimal" maxlength="6" autocomplete="off" value=escaped(&was(InspectForm::PERCENT, ""))/></p>
                            </div>
                            {by_grade}
                            <p class="field"><label for=ids(InspectForm::TO)>{m.dock_to()}</label><FieldError mistake=wrong(InspectForm::TO) id=ids(InspectForm::TO)/><select id=ids(InspectForm::TO) name=name(InspectForm::TO)>{options(places, was(InspectForm::TO, ""), to_none)}</select></p>
                            {ways}
                            {ground}
                            <p class="field"><label for=ids(InspectForm::WORDS)>{m.dock_findings()}</label><FieldError mistake=wrong(InspectForm::WORDS) id=ids(InspectForm::WORDS)/><textarea id=ids(InspectForm::WORDS) name=name(InspectForm::WORDS) rows="3" maxlength=LONGEST_COMMENT>{escaped(&was(InspectForm::WORDS, ""))}</textarea></p>
                            <p class="field"><label for=ids(InspectForm::PHOTOS)>{m.bench_photos()}</label><FieldError mistake=wrong(InspectForm::PHOTOS) id=ids(InspectForm::PHOTOS)/><input id=ids(InspectForm::PHOTOS) name=name(InspectForm::PHOTOS) type="file" accept="image/*" multiple aria-describedby=format!("{}-hint", ids(InspectForm::PHOTOS))/><span class="hint" id=format!("{}-hint", ids(InspectForm::PHOTOS))>{m.bench_photos_hint()}</span></p>
                            <p class="acts"><button class="btn" type="submit">{m.dock_inspect_action()}</button></p>
                        </form>
                    </div>
                </details>
            }
        })
        .collect();
    view! { {forms} }
}

/// Where a rule sends goods, and what must be found for it.
fn way_text(say: &Say, way: &DockWay) -> String {
    let m = say.m;
    let when = way.when.iter().map(|(found, grades)| {
        let grades: Vec<String> = grades.iter().map(ToString::to_string).collect();
        if grades.is_empty() { say.found(*found).to_owned() } else { m.format_pair(say.found(*found), grades.join(" ")) }
    });
    m.dock_way(say.disposition(way.place.to), &way.place.rule, m.list(&when.collect::<Vec<_>>()))
}

/// A question of a form.
#[component]
fn Asks(question: Question, was: String, why: String, wrong: Option<Mistake>, answer: String, sold: String) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let id = field_id(&answer);
    let ask = question.ask.get(m.locale).unwrap_or(question.id.as_str()).to_owned();
    let required = question.required;
    let choose = |all: Vec<(String, String)>| {
        let all: Vec<_> =
            all.into_iter().map(|(code, label)| view! { <option value=code.clone() selected=code == was>{label}</option> }).collect();
        view! { <select id=id.clone() name=answer.clone() required=required><option value="">{m.dock_answer_none()}</option>{all}</select> }
            .into_any()
    };
    let input = match question.kind {
        QuestionKind::YesNo => choose(vec![("yes".into(), m.dock_answer_yes().into()), ("no".into(), m.dock_answer_no().into())]),
        QuestionKind::Choice => {
            let name = |choice: &domain::policy::Choice| choice.name.get(m.locale).unwrap_or(choice.id.as_str()).to_owned();
            choose(question.choices.iter().map(|choice| (choice.id.to_string(), name(choice))).collect())
        }
        kind => {
            let mode = if kind == QuestionKind::Number { "numeric" } else { "text" };
            view! { <input id=id.clone() name=answer.clone() inputmode=mode required=required maxlength=LONGEST_ANSWER autocomplete="off" aria-invalid=wrong.is_some().then_some("true") value=escaped(&was)/> }
                .into_any()
        }
    };
    // Asked only once it is needed.
    let asks_why = matches!(wrong, Some(Mistake::DockAnswerNotSold { .. })) || !why.is_empty();
    let why = asks_why.then(|| {
        let at = field_id(&sold);
        view! { <p class="field"><label for=at.clone()>{m.dock_sold_why()}</label><input id=at name=sold maxlength=LONGEST_COMMENT autocomplete="off" value=escaped(&why)/></p> }
    });
    view! { <p class="field"><label for=id.clone()>{ask}</label><FieldError mistake=wrong id=id/>{input}</p>{why} }
}

pub(super) fn ground_name(say: &Say, ground: ScrapGround) -> &'static str {
    let m = say.m;
    match ground {
        ScrapGround::DangerousProduct => m.dock_ground_dangerous(),
        ScrapGround::NotCompliant => m.dock_ground_not_compliant(),
        ScrapGround::InfringesRights => m.dock_ground_infringes(),
        ScrapGround::LicenceEnded => m.dock_ground_licence(),
        ScrapGround::MarksStay => m.dock_ground_marks(),
        ScrapGround::BeyondRepair => m.dock_ground_beyond_repair(),
        ScrapGround::Defective => m.dock_ground_defective(),
        ScrapGround::DonationRefused => m.dock_ground_donation(),
        ScrapGround::SmallEnterprise => m.dock_ground_small(),
    }
}
