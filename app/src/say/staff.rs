//! Words for people at work.

use domain::money::Money;
use domain::returns::{CommandKind, Role, TaskKind};
use domain::rma::RmaNumber;
use domain::staff::StaffLimits;

use super::Say;
use crate::messages::Occasion;

impl Say {
    /// An answer to a question of a form.
    #[must_use]
    pub fn answer(&self, question: &domain::policy::Question, answer: &str) -> String {
        use domain::policy::QuestionKind;
        let choice =
            || question.choices.iter().find(|choice| choice.id.as_str() == answer).and_then(|choice| choice.name.get(self.m.locale));
        match question.kind {
            QuestionKind::YesNo if answer == "yes" => self.m.dock_answer_yes().to_owned(),
            QuestionKind::YesNo => self.m.dock_answer_no().to_owned(),
            QuestionKind::Choice => choice().unwrap_or(answer).to_owned(),
            _ => answer.to_owned(),
        }
    }

    /// Where goods are put.
    #[must_use]
    pub fn disposition(&self, to: domain::returns::Disposition) -> &'static str {
        use domain::returns::Disposition;
        let m = self.m;
        match to {
            Disposition::None => m.dock_to_later(),
            Disposition::Restock => m.dock_to_restock(),
            Disposition::Refurbish => m.dock_to_refurbish(),
            Disposition::Repair => m.dock_to_repair(),
            Disposition::Resell => m.dock_to_resell(),
            Disposition::Quarantine => m.dock_to_quarantine(),
            Disposition::Donate => m.dock_to_donate(),
            Disposition::Recycle => m.dock_to_recycle(),
            Disposition::Scrap => m.dock_to_scrap(),
            Disposition::ReturnToVendor => m.dock_to_vendor(),
            Disposition::SendBack => m.dock_to_send_back(),
            Disposition::SentBack => m.dock_to_sent_back(),
        }
    }

    /// What the mail of an occasion about a return has above it; values that only the mail itself knows are left open.
    #[must_use]
    pub fn mail_subject(&self, occasion: Occasion, rma: RmaNumber) -> String {
        let rma = rma.to_string();
        domain::replies::fill_named(occasion.mail(self.m.locale).subject, |place| Some(if place == "rma" { rma.as_str() } else { "…" }))
    }

    /// How goods lie in a warehouse.
    #[must_use]
    pub fn stock_state(&self, state: domain::returns::StockState) -> &'static str {
        use domain::returns::StockState;
        let m = self.m;
        match state {
            StockState::Sellable => m.dock_state_sellable(),
            StockState::Quarantine => m.dock_state_quarantine(),
            StockState::Defective => m.dock_state_defective(),
            StockState::InRepair => m.dock_state_in_repair(),
            StockState::Promotion => m.dock_state_promotion(),
            StockState::Scrapped => m.dock_state_scrapped(),
            StockState::ReturnedToVendor => m.dock_state_vendor(),
        }
    }

    /// How many there are, of what is counted up to a thousand and one.
    #[must_use]
    pub fn count(&self, count: u64) -> String {
        if count > 1_000 { format!("{}+", self.f.number(1_000)) } else { self.f.number(count) }
    }

    /// What somebody is here.
    #[must_use]
    pub fn role(&self, role: Role) -> &'static str {
        let m = self.m;
        match role {
            Role::Support => m.role_support(),
            Role::Warehouse => m.role_warehouse(),
            Role::Workshop => m.role_workshop(),
            Role::Finance => m.role_finance(),
            Role::Admin => m.role_admin(),
            // Nobody at work is one of them.
            Role::Customer | Role::System => m.staff_case_customer(),
        }
    }

    /// What they do in it.
    #[must_use]
    pub fn role_text(&self, role: Role) -> &'static str {
        let m = self.m;
        match role {
            Role::Support => m.role_support_text(),
            Role::Warehouse => m.role_warehouse_text(),
            Role::Workshop => m.role_workshop_text(),
            Role::Finance => m.role_finance_text(),
            Role::Admin => m.role_admin_text(),
            Role::Customer | Role::System => "",
        }
    }

    /// Something that a person has to do.
    #[must_use]
    pub fn task(&self, task: TaskKind) -> &'static str {
        let m = self.m;
        match task {
            TaskKind::Review => m.task_review(),
            TaskKind::CheckMoney => m.task_check_money(),
            TaskKind::IssueLabel => m.task_issue_label(),
            TaskKind::ArrangeTransport => m.task_arrange_transport(),
            TaskKind::ChaseParcel => m.task_chase_parcel(),
            TaskKind::RenewLabel => m.task_renew_label(),
            TaskKind::TraceParcel => m.task_trace_parcel(),
            TaskKind::Receive => m.task_receive(),
            TaskKind::Inspect => m.task_inspect(),
            TaskKind::Resolve => m.task_resolve(),
            TaskKind::AnswerAppeal => m.task_answer_appeal(),
            TaskKind::StopParcel => m.task_stop_parcel(),
            TaskKind::TraceOutbound => m.task_trace_outbound(),
            TaskKind::AnswerCustomer => m.task_answer_customer(),
            TaskKind::PutAway => m.task_put_away(),
            TaskKind::SendBack => m.task_send_back(),
            TaskKind::Settle => m.task_settle(),
            TaskKind::Release => m.task_release(),
            TaskKind::Pay => m.task_pay(),
            TaskKind::SendItem => m.task_send_item(),
            TaskKind::Repair => m.task_repair(),
            TaskKind::CollectDue => m.task_collect_due(),
            TaskKind::ClawBack => m.task_claw_back(),
        }
    }

    /// What a command has done.
    #[must_use]
    pub fn done(&self, command: CommandKind) -> &'static str {
        let m = self.m;
        match command {
            CommandKind::Approve => m.staff_done_approve(),
            CommandKind::Decline => m.staff_done_decline(),
            CommandKind::AskEvidence => m.staff_done_ask(),
            CommandKind::Cancel => m.staff_done_cancel(),
            CommandKind::Extend => m.staff_done_extend(),
            CommandKind::TakeBack => m.staff_done_take_back(),
            CommandKind::Write => m.staff_done_write(),
            CommandKind::Note => m.staff_done_note(),
            CommandKind::Receive => m.dock_done_receive(),
            CommandKind::Inspect => m.dock_done_inspect(),
            CommandKind::Dispose => m.dock_done_put(),
            CommandKind::SendBack => m.dock_done_send_back(),
            CommandKind::PursueOutbound => m.outbound_done_pursue(),
            CommandKind::AnswerOutbound => m.outbound_done_answer(),
            CommandKind::SettleTalk => m.staff_done_settle_talk(),
            other => self.command(other),
        }
    }

    /// Within which limits somebody works, line by line.
    #[must_use]
    pub fn limits(&self, limits: &StaffLimits) -> Vec<String> {
        let m = self.m;
        let amounts = match &limits.refund_up_to {
            None => m.staff_limit_none().to_owned(),
            Some(limits) => {
                let amounts: Vec<String> = limits.iter().map(|(currency, minor)| self.f.money(Money::new(*minor, *currency))).collect();
                m.staff_limit_up_to(m.list(&amounts))
            }
        };
        let overrides = limits.overrides.then(|| m.staff_limit_overrides().to_owned());
        let warehouses = (!limits.warehouses.is_empty()).then(|| m.staff_limit_warehouses(m.list(&limits.warehouses)));
        [Some(amounts), overrides, warehouses].into_iter().flatten().collect()
    }
}
