//! What is wrong with a form: a summary at its top, and a sentence beside each field.

use domain::staff::Roles;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::ports::{Mistake, Noted};
use crate::say::Say;

impl Say {
    /// What is wrong and what to do.
    #[must_use]
    pub fn mistake(&self, mistake: &Mistake) -> String {
        let m = self.m;
        match mistake {
            Mistake::NumberMissing => m.find_number_missing().into(),
            Mistake::ContactMissing => m.find_contact_missing().into(),
            Mistake::ContactForm => m.find_contact_form().into(),
            Mistake::NoMatch => m.find_no_match().into(),
            Mistake::NumberMeant { number } => m.find_number_meant(number),
            Mistake::SeveralNumbers { numbers } => m.find_several_numbers(self.m.list(numbers)),
            Mistake::ReturnMissing => m.find_return_missing().into(),
            Mistake::ReturnSlip => m.find_return_slip().into(),
            Mistake::ReturnNoMatch => m.find_return_no_match().into(),
            Mistake::VerifyNoMatch => m.track_verify_no_match().into(),
            Mistake::NothingChosen => m.items_none().into(),
            Mistake::TooMany { available } => m.items_too_many(u64::from(*available)),
            Mistake::ReasonMissing { name } => m.why_reason_missing(name),
            Mistake::SubReasonMissing => m.why_sub_missing().into(),
            Mistake::ConditionMissing => m.why_condition_missing().into(),
            Mistake::CommentLong { most } => m.why_comment_long(u64::from(*most)),
            Mistake::FeedbackTags { most, longest } => m.feedback_tags_wrong(longest, most),
            Mistake::EvidenceMissing { name, photos: 0, .. } => m.show_missing_report(name),
            Mistake::EvidenceMissing { name, shows: Some(shows), .. } if let Ok(shows) = shows.parse() => {
                m.show_missing(name, self.evidence_of(shows))
            }
            // Noted before each was asked for in a place of its own.
            Mistake::EvidenceMissing { name, photos, .. } => m.show_missing_photos(u64::from(*photos), name),
            Mistake::EvidenceRefused { file, code } => m.show_refused(file, m.evidence_error(code).unwrap_or_default()),
            Mistake::WishMissing { name } => m.wish_missing(name),
            Mistake::ExchangeMissing { name } => m.wish_exchange_missing(name),
            Mistake::ExchangeGone { name } => m.wish_exchange_gone(name),
            Mistake::OtherCurrency => m.items_other_currency().into(),
            Mistake::Apart => m.track_apart().into(),
            Mistake::NoSharedWay => m.items_no_shared_way().into(),
            Mistake::NoLonger => m.track_no_longer().into(),
            Mistake::TooManyLabels => m.track_too_many_labels().into(),
            Mistake::MethodMissing => m.send_missing().into(),
            Mistake::PickupMissing => m.send_pickup_missing().into(),
            Mistake::PickupFull => m.send_pickup_full().into(),
            Mistake::NobodyCalls => m.doorstep_nobody().into(),
            Mistake::DoorTime { address } => m.doorstep_again(address),
            Mistake::PickupAreas { most } => m.pickups_many(u64::from(*most)),
            Mistake::PickupArea { field } => match field.as_str() {
                "name" => m.pickups_wrong_name(),
                "prefixes" => m.pickups_wrong_prefixes(),
                "weekdays" => m.pickups_wrong_weekdays(),
                "slots" => m.pickups_wrong_slots(),
                _ => m.pickups_wrong_closed(),
            }
            .into(),
            Mistake::EmailForm => m.account_email_form().into(),
            Mistake::CodeForm => m.account_code_form().into(),
            Mistake::CodeWrong { left } => m.account_code_wrong(u64::from(*left)),
            Mistake::CodeOver => m.account_code_over().into(),
            Mistake::CodeTooSoon => m.account_code_too_soon().into(),
            Mistake::CodeTooOften => m.account_code_too_often().into(),
            Mistake::Guarded => m.account_guarded().into(),
            Mistake::Changed => m.error_changed().into(),
            Mistake::ChangedWithout { names } => m.error_changed_without(m.list(names)),
            Mistake::Unanswered => m.error_unanswered().into(),
            Mistake::SignInWrong => m.staff_door_wrong().into(),
            Mistake::PairWrong => m.staff_pair_wrong().into(),
            Mistake::ProofWrong => m.staff_own_wrong().into(),
            Mistake::SignOnOver => m.staff_sign_on_over().into(),
            Mistake::SignOnDeclined => m.staff_sign_on_declined().into(),
            Mistake::SignOnAway => m.staff_sign_on_away().into(),
            Mistake::SignOnRefused => m.staff_sign_on_refused().into(),
            Mistake::SignOnUnverified => m.staff_sign_on_unverified().into(),
            Mistake::SignOnNobody => m.staff_sign_on_nobody().into(),
            Mistake::SignOnOther => m.staff_sign_on_other().into(),
            Mistake::SignInTooMany => m.staff_door_too_many().into(),
            Mistake::PasswordWeak => m.staff_password_weak().into(),
            Mistake::FactorWrong => m.staff_code_wrong().into(),
            Mistake::StaffNameMissing => m.staff_name_missing().into(),
            Mistake::StaffEmailTaken => m.staff_email_taken().into(),
            Mistake::StaffRolesMissing => m.staff_roles_missing().into(),
            Mistake::StaffLimitForm => m.staff_limit_form().into(),
            Mistake::StaffLastAdmin => m.staff_last_admin().into(),
            Mistake::StaffWordsMissing => m.staff_words_missing().into(),
            Mistake::StaffOverLimit { limits } => {
                let amounts: Vec<String> = limits.iter().map(|limit| self.minor(*limit)).collect();
                m.staff_over_limit(m.list(&amounts))
            }
            Mistake::SettleByHand { amount } => m.settle_no_gateway(self.minor(*amount)),
            Mistake::SettleSecondPerson => m.settle_second_person().into(),
            Mistake::SettleDisputed => m.difference_disputed().into(),
            Mistake::SettleNotPaid { amount } => m.settle_not_paid(self.minor(*amount)),
            Mistake::PayNotNow => m.track_pay_not_now().into(),
            Mistake::SettleAsCredit => m.settle_is_credit().into(),
            Mistake::SettleNotCredit => m.settle_no_credit().into(),
            Mistake::SettleAmount { most } => m.settle_most(self.minor(*most)),
            Mistake::ReportMissing => m.difference_file_missing().into(),
            Mistake::ReportUnread => m.difference_file_wrong().into(),
            Mistake::AccountHolder => m.bank_holder_wrong().into(),
            Mistake::AccountIban => m.bank_iban_wrong().into(),
            Mistake::AccountNumber => m.bank_number_wrong().into(),
            Mistake::AccountBank => m.bank_bank_wrong().into(),
            Mistake::TransfersNothing => m.transfer_nothing().into(),
            Mistake::TransferNotDue => m.transfer_not_due().into(),
            Mistake::StaffAmountForm => m.staff_amount_form().into(),
            Mistake::StaffMoreThanLeft { left } => m.staff_more_than_left(self.minor(*left)),
            Mistake::StaffNotLower => m.staff_not_lower().into(),
            Mistake::StaffUnitsStay { stay } => m.staff_units_stay(u64::from(*stay)),
            Mistake::StaffOverrideMissing => m.staff_override_missing().into(),
            Mistake::StaffOverrideReason => m.staff_override_reason().into(),
            Mistake::StaffMayNot { who } => {
                let roles: Vec<&str> =
                    Roles::ALL.into_iter().filter(|role| who.iter().any(|code| code == role.code())).map(|role| self.role(role)).collect();
                m.staff_may_not(m.list(&roles))
            }
            Mistake::StaffNotNow => m.staff_not_now().into(),
            Mistake::NotOutbound { why } => match why.as_str() {
                "order_cancelled" => m.outbound_no_order_cancelled(),
                "unknown_delivery" => m.outbound_no_unknown_delivery(),
                "which_delivery" => m.outbound_no_which_delivery(),
                "left" => m.outbound_no_left(),
                "not_left" => m.outbound_no_not_left(),
                "delivered" => m.outbound_no_delivered(),
                _ => m.outbound_no_nothing_left(),
            }
            .into(),
            Mistake::OutboundUnits { left } => m.outbound_no_units(u64::from(*left)),
            Mistake::Unfilled { names } => m.desk_unfilled(m.list(names)),
            Mistake::PlaceUnknown { names } => m.desk_place_unknown(m.list(names)),
            Mistake::MessageEmpty => m.wording_empty().into(),
            Mistake::MessageLong { most } => m.wording_long(u64::from(*most)),
            Mistake::MessagePlace { name, line, letter } => m.wording_unknown(letter, line, name),
            Mistake::MessageChanged => m.wording_changed().into(),
            Mistake::BulkNothing => m.desk_bulk_nothing().into(),
            Mistake::BulkTakenBack => m.desk_bulk_taken_back().into(),
            Mistake::RuleCountries => m.desk_rule_countries_wrong().into(),
            Mistake::RulePeople => m.desk_rule_people_missing().into(),
            Mistake::DeedNothing => m.desk_deed_nothing().into(),
            Mistake::DeedWords => m.desk_deed_words().into(),
            Mistake::ReplyGone => m.desk_reply_gone().into(),
            Mistake::ColleagueGone => m.desk_colleague_gone().into(),
            Mistake::MacroChanged => m.desk_macro_changed().into(),
            Mistake::ReplyTextMissing { language } => {
                let language = language.parse().map_or("", |locale| crate::messages::Messages::new(locale).language_name());
                m.desk_reply_text_missing(language)
            }
            Mistake::SharedTooMany { most } => m.desk_too_many(u64::from(*most)),
            Mistake::DockCount { most } => m.dock_count_wrong(u64::from(*most)),
            Mistake::DockNothing => m.dock_nothing().into(),
            Mistake::DockElsewhere => m.dock_elsewhere().into(),
            Mistake::DockPercent => m.dock_percent_wrong().into(),
            Mistake::DockGround => m.dock_ground_missing().into(),
            Mistake::DockTheirs => m.dock_theirs().into(),
            Mistake::DockNowhere => m.dock_nowhere().into(),
            Mistake::StockPercent { most } => m.stock_percent_wrong(u64::from(*most)),
            Mistake::ShelfMissing => m.stray_shelf_missing().into(),
            Mistake::ParcelEnded => m.stray_over().into(),
            Mistake::NoReturn => m.stray_no_such_return().into(),
            Mistake::DockElsewhereWhy { rule, to } => {
                let known = domain::returns::Disposition::PLACES.into_iter().find(|(name, _)| name == to);
                m.dock_why_missing(known.map_or(to.as_str(), |(_, place)| self.disposition(place)), rule)
            }
            Mistake::DockAnswerNumber => m.dock_answer_number().into(),
            Mistake::DockAnswerLong { most } => m.dock_answer_long(u64::from(*most)),
            Mistake::DockAnswerSerials { units } => m.dock_answer_serials(u64::from(*units)),
            Mistake::DockAnswerTwice { serial } => m.dock_answer_twice(serial),
            Mistake::DockAnswerNotSold { serial } => m.dock_answer_not_sold(serial),
            Mistake::RepairEnded => m.repair_over().into(),
            Mistake::RepairCost => m.repair_cost_wrong().into(),
            Mistake::RepairPart => m.repair_part_missing().into(),
            Mistake::ClaimParty => m.claim_party_missing().into(),
            Mistake::ClaimCurrency => m.claim_currency_missing().into(),
            Mistake::ClaimReason => m.claim_reason_missing().into(),
            Mistake::ClaimMoved => m.claim_moved().into(),
            Mistake::EraseOther => m.privacy_other().into(),
            Mistake::EraseNotNow => m.privacy_not_now_text().into(),
            Mistake::GiftDecided => m.gift_decided().into(),
            Mistake::GiftDays => m.gift_days_wrong().into(),
            Mistake::StaffTooLate => m.staff_too_late().into(),
            Mistake::StaffDay { least, most } => m.staff_day_out(self.f.date(*least), self.f.date(*most)),
            Mistake::TalkFull { most } => m.talk_full(u64::from(*most)),
            Mistake::WithdrawNameMissing => m.withdraw_name_missing().into(),
            Mistake::WithdrawOrderMissing => m.withdraw_order_missing().into(),
            Mistake::WithdrawItemsMissing => m.withdraw_which_missing().into(),
        }
    }
}

/// The HTML id of a form field's group.
#[must_use]
pub fn field_id(field: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' };
    format!("f-{}", field.chars().map(safe).collect::<String>())
}

/// The mistake at a field, if there is one.
#[must_use]
pub fn mistake_at(mistakes: &[Noted], field: &str) -> Option<Mistake> {
    mistakes.iter().find(|noted| noted.field == field).map(|noted| noted.mistake.clone())
}

/// All mistakes of a page, each a link to its field. The window's title says that there are some, and the reader begins with them.
#[component]
pub fn ErrorSummary(mistakes: Vec<Noted>) -> impl IntoView {
    let say = expect_context::<Say>();
    (!mistakes.is_empty()).then(|| {
        let items: Vec<_> = mistakes
            .iter()
            .map(|noted| {
                let text = say.mistake(&noted.mistake);
                let target = format!("#{}", field_id(&noted.field));
                view! { <li>{if noted.field.is_empty() { text.into_any() } else { view! { <a href=target>{text}</a> }.into_any() }}</li> }
            })
            .collect();
        let named = say.clone();
        view! {
            <Title formatter=move |title: String| named.m.error_problem(title)/>
            <section class="errors" role="alert" aria-labelledby="errors-title" tabindex="-1" autofocus>
                <h2 id="errors-title">{say.m.error_summary()}</h2>
                <ul>{items}</ul>
            </section>
        }
    })
}

/// The mistake beside its field. Text of a line: it stands in paragraphs and labels.
#[component]
pub fn FieldError(mistake: Option<Mistake>, id: String) -> impl IntoView {
    let say = expect_context::<Say>();
    mistake.map(|mistake| view! { <span class="error" id=format!("{id}-error")>{say.mistake(&mistake)}</span> })
}
