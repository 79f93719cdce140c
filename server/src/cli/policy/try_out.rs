//! `homebound policy try`: an order judged by a document, in words.

use std::path::PathBuf;

use app::format::Format;
use app::read_policy::PolicyWords;
use app::say::Say;
use clap::Args;
use domain::ids::{Code, LineId};
use domain::money::Money;
use domain::order::{Order, OrderDocument};
use domain::policy::{
    Basis, Case, CaseLine, Decision, History, LineVerdict, Method, Policy, Resolution, SaidOfLaw, Shop, Verdict, judge, promised, read_for,
};
use domain::reason::{ChosenReason, Fault, ReasonTree};
use domain::settlement::{Part, books, claims, freight_charge};
use domain::words::Locale;
use jiff::Timestamp;
use server::compose::StartError;
use server::config::Config;

use super::super::failure::Failure;
use super::super::say::{say, warn};
use super::document::{locale, tell, text_of};

#[derive(Args)]
pub struct Arguments {
    /// The policy.
    file: PathBuf,
    /// The order: a JSON document of the machine interface.
    #[arg(long)]
    order: PathBuf,
    /// When it is asked for; now, where left out.
    #[arg(long)]
    at: Option<Timestamp>,
    /// A line of the order that comes back, with all its units; all lines, where left out.
    #[arg(long = "line")]
    lines: Vec<LineId>,
    /// Why: `size` or `size/too_small`; without one as if nothing were wrong with it, and as if something were.
    #[arg(long)]
    reason: Option<String>,
    /// The state it is in: unopened, opened, used, …
    #[arg(long)]
    condition: Option<Code>,
    /// What is wished for: refund, exchange, …
    #[arg(long, value_parser = resolution)]
    resolution: Option<Resolution>,
    /// How it would come back: drop_off, self_ship, …
    #[arg(long, value_parser = method)]
    method: Option<Method>,
    /// Returns of this customer in the last year.
    #[arg(long, default_value_t = 0)]
    prior_returns: u32,
    /// In this language; in each of the shop's, where left out.
    #[arg(long, value_parser = locale)]
    locale: Option<Locale>,
}

fn resolution(text: &str) -> Result<Resolution, String> {
    text.parse().map_err(|()| format!("there are {}", Resolution::ALL.iter().map(|one| one.code()).collect::<Vec<_>>().join(", ")))
}

fn method(text: &str) -> Result<Method, String> {
    text.parse().map_err(|()| format!("there are {}", Method::ALL.iter().map(|one| one.code()).collect::<Vec<_>>().join(", ")))
}

pub fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    let reasons = config.reason_tree().map_err(StartError::from)?;
    let now = arguments.at.unwrap_or_else(Timestamp::now);
    let languages = config.shop.name.languages();
    let shop = Shop { reasons: &reasons, languages: &languages, today: None };
    let policy = match read_for(&text_of(&arguments.file)?, shop) {
        Ok(checked) => checked.policy,
        Err(problems) => return tell(&arguments.file, &problems),
    };
    let order = order_of(&arguments)?;
    let one = arguments.locale.map(|locale| [locale]);
    for locale in one.as_ref().map_or(shop.languages, |one| &one[..]) {
        let words = Say::new(Format::new(*locale, policy.time_zone.clone(), now));
        let trial = Trial { arguments: &arguments, policy: &policy, order: &order, reasons: &reasons, words: &words, now };
        match &arguments.reason {
            Some(_) => trial.tell(None)?,
            None => {
                trial.tell(Some(Fault::Customer))?;
                trial.tell(Some(Fault::Merchant))?;
            }
        }
    }
    Ok(())
}

fn order_of(arguments: &Arguments) -> Result<Order, Failure> {
    let file = &arguments.order;
    let refused = |problem: String| Failure::Other(format!("{}: {problem}", file.display()));
    let document = OrderDocument::from_json(text_of(file)?.as_bytes()).map_err(|problem| refused(problem.to_string()))?;
    let order = Order::parse(&document).map_err(|problems| {
        problems.iter().for_each(|problem| warn(format_args!("{}: {problem}", file.display())));
        Failure::Said
    })?;
    match arguments.lines.iter().find(|line| order.line(line).is_none()) {
        Some(line) => {
            let known = order.lines.iter().map(|line| line.id.to_string()).collect::<Vec<_>>().join(", ");
            Err(refused(format!("there is no line `{line}`; there are {known}")))
        }
        None => Ok(order),
    }
}

/// One question, and who is told the answer.
struct Trial<'t> {
    arguments: &'t Arguments,
    policy: &'t Policy,
    order: &'t Order,
    reasons: &'t ReasonTree,
    words: &'t Say,
    now: Timestamp,
}

impl Trial<'_> {
    /// Asks for the reason that was given, or for a typical one of somebody's fault, and tells what is answered.
    fn tell(&self, fault: Option<Fault>) -> Result<(), Failure> {
        let wanted = |line: &&domain::order::OrderLine| self.arguments.lines.is_empty() || self.arguments.lines.contains(&line.id);
        let mut lines = Vec::new();
        for line in self.order.lines.iter().filter(wanted) {
            lines.push(CaseLine {
                line: line.id.clone(),
                quantity: line.quantity,
                reason: match fault {
                    Some(fault) => self.reasons.typical(fault, line.category.as_ref()),
                    None => Some(self.chosen(line.category.as_ref())?),
                },
                condition: self.arguments.condition.clone(),
                resolution: self.arguments.resolution,
                evidence: Vec::new(),
                law: SaidOfLaw::default(),
            });
        }
        let history = History { prior_returns: self.arguments.prior_returns, ..History::default() };
        let method = self.arguments.method;
        let case =
            Case { order: self.order, history: &history, lines: &lines, method, withdrawal: false, return_region: None, proof: None };
        let verdict = judge(self.policy, &case, self.now);
        for (index, said) in verdict.lines.iter().enumerate() {
            self.tell_line(&case, &verdict, index, said)?;
        }
        Ok(())
    }

    fn chosen(&self, category: Option<&Code>) -> Result<ChosenReason, Failure> {
        let typed = self.arguments.reason.as_deref().unwrap_or_default();
        let (reason, sub) = typed.split_once('/').map_or((typed, None), |(reason, sub)| (reason, Some(sub)));
        self.reasons.choose(reason, sub, category).map_err(|error| Failure::Other(format!("--reason: {error}")))
    }

    fn tell_line(&self, case: &Case<'_>, verdict: &Verdict<'_>, index: usize, said: &LineVerdict<'_>) -> Result<(), Failure> {
        let (m, asked) = (self.words.m, &case.lines[said.index]);
        let Some(line) = self.order.line(&said.line) else { return Ok(()) };
        let reason =
            asked.reason.as_ref().and_then(|chosen| self.reasons.find(chosen.sub_reason.as_ref().unwrap_or(&chosen.reason).as_str()));
        let reason = reason.map(|reason| self.words.reason(reason)).unwrap_or_default();
        say(format_args!("{} × {} ({reason})", said.quantity, line.name))?;
        let decided = promised(self.policy, said.decision, true, None, self.now).decided;
        say(format_args!(
            "  {}",
            match said.decision {
                Decision::Approved => m.verdict_approved().to_owned(),
                Decision::InReview => m.verdict_review(self.words.f.by(decided.unwrap_or(self.now))),
                Decision::Declined => m.verdict_declined().to_owned(),
            }
        ))?;
        for sentence in said.sentences(self.policy, case) {
            say(format_args!("  – {}", self.words.sentence(&sentence)))?;
        }
        if said.decision != Decision::Declined {
            let money = |minor: i64| self.words.f.money(Money::new(minor, self.order.currency));
            let offer = |one: &domain::policy::Offer<'_>| {
                let amount = one.resolution.pays().then(|| format!(" {}", money(self.worth(case, index, one))));
                let by_law = if one.basis == Basis::Law { format!(" ({})", m.wish_by_law()) } else { String::new() };
                format!("{}{}{by_law}", self.words.resolution(one.resolution), amount.unwrap_or_default())
            };
            say(format_args!("  {}: {}", m.policy_resolutions(), m.list(&said.offers.iter().map(offer).collect::<Vec<_>>())))?;
            if asked.sends_back(Resolution::Refund) {
                let way = |(method, price): &(Method, i64)| format!("{} {}", self.words.method(*method), money(*price));
                say(format_args!("  {}: {}", m.policy_methods(), m.list(&said.methods.iter().map(way).collect::<Vec<_>>())))?;
            }
            if !said.evidence.is_empty() {
                let shown: Vec<String> = said.evidence.iter().map(|effect| self.words.wanted(effect)).collect();
                say(format_args!("  {}: {}", m.policy_evidence(), m.list(&shown)))?;
            }
        }
        let words = PolicyWords { say: self.words, policy: self.policy, reasons: self.reasons.all() };
        let fired = verdict.looks(self.policy, case, index, self.now).into_iter().filter(|look| look.fired);
        let mut told = Vec::new();
        for look in fired {
            let effect = words.rule(look.table, &look.rule).unwrap_or_default();
            let rule = format!("  · {} – {}: {effect}", words.table(look.table), look.rule);
            if !told.contains(&rule) {
                say(&rule)?;
                told.push(rule);
            }
        }
        for look in verdict.law_looks(self.policy, case, index, self.now).into_iter().filter(|look| look.fired) {
            let changed: Vec<String> = look.changed.iter().map(|one| format!("{} {} → {}", one.what, one.from, one.to)).collect();
            let changed = if changed.is_empty() { String::new() } else { format!(": {}", changed.join(", ")) };
            say(format_args!("  · {} – {} ({}){changed}", look.law, look.rule, look.article))?;
        }
        Ok(())
    }

    /// What comes back for that line alone, its way back included where one was named.
    fn worth(&self, case: &Case<'_>, index: usize, offer: &domain::policy::Offer<'_>) -> i64 {
        let Some(asked) = case.lines.get(index) else { return 0 };
        let law = SaidOfLaw { basis: Some(offer.basis), ..asked.law };
        let lines = [CaseLine { resolution: Some(offer.resolution), law, ..asked.clone() }];
        let case = Case { lines: &lines, ..*case };
        let claims = claims(&case, &judge(self.policy, &case, self.now).lines);
        let freight = freight_charge(claims.iter().map(|claim| &claim.terms)).unwrap_or(0);
        let books = books(self.order, self.policy.gifts, &[], &[Part { claims, freight, ..Part::default() }]);
        books.parts.first().map_or(0, |settled| settled.worth())
    }
}
