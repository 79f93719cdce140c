//! "Where does the money go?": the account for what leaves by bank transfer.

use std::sync::Arc;

use domain::bank::{Payee, PayeeWrong};
use leptos::prelude::*;

use super::rma;
use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted, ReturnPage, ShopperDesk};
use crate::say::Say;
use crate::ui::{ErrorSummary, Field, Frame, load, mistake_at};

/// An account that money goes to. What was typed is never kept with a form that was not taken.
pub struct BankForm;

impl BankForm {
    /// The page below the return where it stands.
    pub const PAGE: &'static str = "bank";
    pub const HOLDER: &'static str = "holder";
    pub const IBAN: &'static str = "iban";
    pub const NUMBER: &'static str = "account";
    pub const BANK: &'static str = "bank";
    const ALL: [&'static str; 4] = [Self::HOLDER, Self::IBAN, Self::NUMBER, Self::BANK];

    /// What was sent; every mistake at its field.
    pub fn parse(fields: &Fields) -> Result<Payee, Vec<Noted>> {
        let [holder, iban, number, bank] = Self::ALL.map(|name| fields.get(name));
        let mistake = |wrong| match wrong {
            PayeeWrong::Holder => noted(Self::HOLDER, Mistake::AccountHolder),
            PayeeWrong::Iban => noted(Self::IBAN, Mistake::AccountIban),
            PayeeWrong::Number => noted(Self::NUMBER, Mistake::AccountNumber),
            PayeeWrong::Bank => noted(Self::BANK, Mistake::AccountBank),
        };
        Payee::read(holder, iban, number, bank).map_err(|wrong| wrong.into_iter().map(mistake).collect())
    }
}

/// The fields of an account, with what was wrong.
#[component]
pub fn AccountFields(mistakes: Vec<Noted>) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let wrong = |name: &str| mistake_at(&mistakes, name);
    view! {
        <Field name=BankForm::HOLDER label=m.bank_holder() hint="" value="" wrong=wrong(BankForm::HOLDER) autocomplete="off" inputmode="text"/>
        <Field name=BankForm::IBAN label=m.bank_iban() hint=m.bank_iban_hint() value="" wrong=wrong(BankForm::IBAN) autocomplete="off" inputmode="text"/>
        <Field name=BankForm::NUMBER label=m.bank_number() hint=m.bank_number_hint() value="" wrong=wrong(BankForm::NUMBER) autocomplete="off" inputmode="numeric"/>
        <Field name=BankForm::BANK label=m.bank_bank() hint="" value="" wrong=wrong(BankForm::BANK) autocomplete="off" inputmode="text"/>
    }
}

/// `/returns/{rma}/bank`
#[component]
pub fn NameBank() -> impl IntoView {
    let desk = expect_context::<Arc<dyn ShopperDesk>>();
    let rma = rma();
    load(async move { desk.return_page(&rma).await }, |page| view! { <Ask page=page/> })
}

#[component]
fn Ask(page: ReturnPage) -> impl IntoView {
    let m = expect_context::<Say>().m;
    let rma = page.request.rma;
    let back = format!("/returns/{rma}");
    let Some(known) = page.account.clone() else {
        return view! {
            <Frame title=m.bank_title() chip=m.track_chip(rma) lead=m.bank_none()>
                <p class="acts"><a class="btn" href=back>{m.shell_back()}</a></p>
            </Frame>
        }
        .into_any();
    };
    let known = known.map(|account| view! { <p class="card">{m.bank_known(account)}</p> });
    let (mistakes, action) = (page.mistakes_at(&BankForm::ALL), format!("{back}/{}", BankForm::PAGE));
    view! {
        <Frame title=m.bank_title() chip=m.track_chip(rma) lead=m.bank_lead()>
            <ErrorSummary mistakes=mistakes.clone()/>
            {known}
            <form class="form" method="post" action=action>
                <AccountFields mistakes=mistakes/>
                <p class="quiet sm">{m.bank_kept()}</p>
                <p class="acts"><button class="btn" type="submit">{m.bank_save()}</button> <a class="btn second" href=back>{m.shell_back()}</a></p>
            </form>
        </Frame>
    }
    .into_any()
}
