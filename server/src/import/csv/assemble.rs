//! Orders out of rows: the order's own fields from its first row, lines, carriage, discounts and credits from each.

use std::str::FromStr;

use csv::StringRecord;
use domain::money::Currency;
use domain::order::{
    AddressDocument, CustomerDocument, DeliveredLine, DeliveryDocument, DiscountDocument, FieldProblem, MOST_LINES, OrderDocument,
};
use jiff::Timestamp;

use super::bound::{Bindings, Class};
use super::fields::{Read, is_yes, text_of, yes_or_no};
use super::mapping::{LineFields, RowKind};
use super::scope::{Bound, Scope};
use crate::import::ImportError;
use crate::import::amounts;
use crate::import::intake::Intake;
use crate::import::platform::{Till, Told, contacts, keep_back};

/// An order whose rows are being read.
#[derive(Default)]
pub(super) struct OpenOrder {
    key: String,
    /// Of its first row.
    line: u64,
    begun: Option<Begun>,
    problems: Vec<FieldProblem>,
    /// Rows of credit notes so far.
    credits: i64,
    /// The key is another than the number.
    keyed: bool,
}

/// What is known once the first row that belongs to an order, not to a credit note, has come.
struct Begun {
    document: OrderDocument,
    till: Option<Till>,
    shipping: i64,
    discount: i64,
    discount_code: Option<String>,
    /// Paid, and never back.
    charges: i64,
    /// What was left out.
    notes: Vec<FieldProblem>,
    /// What the rows were that are no goods.
    not_goods: Vec<String>,
    /// Lines by parcel, in the order of their first line.
    parcels: Vec<DeliveryDocument>,
    /// Whether a line is in no parcel.
    unsent: bool,
}

impl OpenOrder {
    /// `keyed`: orders are told apart by something else than their number.
    pub fn new(key: &str, line: u64, keyed: bool) -> Self {
        Self { key: key.to_owned(), line, keyed, ..Self::default() }
    }

    /// A row that belongs to it, and cannot be read: without it the order is not whole.
    pub fn damaged(&mut self, line: u64, problem: String) {
        if self.problems.len() <= MOST_LINES {
            self.problems.push(FieldProblem::new(format!("line {line}"), problem));
        }
    }

    /// Takes a row of the file: one line, or all that a further file has for it.
    pub fn row(&mut self, bindings: &Bindings, row: &StringRecord, line: u64, intake: &mut Intake) -> Result<(), ImportError> {
        let scope = Scope { joins: &bindings.joins, row, line, index: 0, at: None };
        let Some(join) = bindings.lines_from else { return self.line(bindings, scope, intake) };
        let mut any = false;
        for joined in scope.rows_of(join) {
            any = true;
            self.line(bindings, Scope { at: Some((join, joined)), ..scope }, intake)?;
        }
        if !any {
            self.begin(bindings, &scope);
        }
        Ok(())
    }

    fn line(&mut self, bindings: &Bindings, scope: Scope, intake: &mut Intake) -> Result<(), ImportError> {
        let class = bindings.classes.iter().find(|class| class.holds(&scope, bindings.decimal));
        let kind = class.map_or(RowKind::Line, |class| class.kind);
        if kind == RowKind::Skip {
            intake.skip(class.map_or("skip", |class| &class.label));
            return Ok(());
        }
        if let Some(class) = class.filter(|_| kind != RowKind::Line) {
            intake.recognise(&class.label);
        }
        if kind == RowKind::Credit {
            self.credits += 1;
            return match bindings.note_line(class, &scope, &self.key, self.credits) {
                Ok(note) => intake.note_line(note),
                Err(problem) => intake.refuse(scope.line, Some(&self.key), &[problem]),
            };
        }
        self.begin(bindings, &scope);
        let other = |till: Till| text_of(&bindings.order.currency, &scope).filter(|code| !code.eq_ignore_ascii_case(till.0.code()));
        if let Some((till, other)) =
            self.begun.as_ref().and_then(|begun| begun.till).and_then(|till| other(till).map(|other| (till, other)))
        {
            let problem = format!("this row is in `{other}`, the first of the order in {} (line {})", till.0, scope.line);
            self.problems.push(FieldProblem::new("currency", problem));
            return Ok(());
        }
        if let Some(begun) = &mut self.begun
            && let Some(till) = begun.till
            // Those beyond are read past: the order is refused for them.
            && begun.document.lines.len() + self.problems.len() <= MOST_LINES
            && let Err(problem) = begun.add(bindings, class, kind, &scope, till)
        {
            self.problems.push(FieldProblem::new(problem.field, format!("{} (line {})", problem.problem, scope.line)));
        }
        Ok(())
    }

    fn begin(&mut self, bindings: &Bindings, scope: &Scope) {
        if self.begun.is_none() {
            let (begun, problems) = bindings.begin(scope);
            self.problems.extend(problems);
            self.begun = Some(begun);
        }
    }

    /// Hands the order over; nothing where all its rows were credits or left out.
    pub fn finish(self, intake: &mut Intake) -> Result<(), ImportError> {
        let Some(begun) = self.begun else {
            return if self.problems.is_empty() { Ok(()) } else { intake.refuse(self.line, Some(&self.key), &self.problems) };
        };
        if !self.problems.is_empty() {
            return intake.refuse(self.line, Some(&begun.document.number), &self.problems);
        }
        if begun.document.lines.is_empty() && !begun.not_goods.is_empty() {
            let problem = FieldProblem::new("lines", format!("has no goods, only {}", begun.not_goods.join(" and ")));
            return intake.refuse(self.line, Some(&begun.document.number), &[problem]);
        }
        let told = begun.finish();
        intake.order(self.line, Told { identity: self.keyed.then_some(self.key), ..told })
    }
}

impl Begun {
    fn add(&mut self, bindings: &Bindings, class: Option<&Class>, kind: RowKind, scope: &Scope, till: Till) -> Read<()> {
        let scope = Scope { index: self.document.lines.len() + 1, ..*scope };
        let Some(class) = class.filter(|_| kind != RowKind::Line) else {
            return self.add_line(bindings, class.map_or(&bindings.line, |class| &class.line), &scope, till);
        };
        let amount = bindings.amount_of(class, &scope, till)?;
        let amount = amounts::minor(amount, till.0).map_err(|error| FieldProblem::new("amount", error))?;
        match kind {
            RowKind::Shipping => self.shipping += amount,
            // Some shops write what they take off with a minus, some without.
            RowKind::Discount => self.discount += amount.abs(),
            RowKind::Charge => self.charges += amount,
            RowKind::Line | RowKind::Credit | RowKind::Skip => {}
        }
        if !self.not_goods.contains(&class.label) {
            self.not_goods.push(class.label.clone());
        }
        Ok(())
    }

    fn add_line(&mut self, bindings: &Bindings, fields: &LineFields<Bound>, scope: &Scope, till: Till) -> Read<()> {
        let line = bindings.line_of(fields, scope, till)?;
        self.shipping += bindings.minor("shipping", fields.shipping.as_ref(), scope, till)?;
        if let Some(parcel) = bindings.parcel_of(scope)? {
            let delivered = DeliveredLine { id: line.id.clone(), quantity: line.quantity };
            match self.parcels.iter_mut().find(|known| same_parcel(known, &parcel)) {
                Some(known) => known.lines.push(delivered),
                None => self.parcels.push(DeliveryDocument { lines: vec![delivered], ..parcel }),
            }
        } else {
            self.unsent = true;
        }
        self.document.lines.push(line);
        Ok(())
    }

    fn finish(self) -> Told {
        let Self { mut document, till, shipping, discount, discount_code: code, charges, notes, mut parcels, unsent, .. } = self;
        let Some(till) = till else { return Told { notes, ..Told::only(document) } };
        document.shipping = till.some(shipping);
        if discount > 0 {
            document.discounts.push(DiscountDocument { code, amount: till.some(discount), minimum_spend: None });
        }
        if let ([whole], false) = (parcels.as_mut_slice(), unsent) {
            whole.lines.clear();
        }
        document.deliveries = parcels;
        // Where payments are told, they paid charges too; where none are, what the lines come to was paid, which no charge is in.
        keep_back(&mut document.payments, charges, till);
        Told { notes, ..Told::only(document) }
    }
}

fn same_parcel(known: &DeliveryDocument, other: &DeliveryDocument) -> bool {
    let DeliveryDocument { id, lines: _, shipped_at, delivered_at, warehouse, picker, packer, carrier, tracking_number } = known;
    (id, shipped_at, delivered_at, warehouse) == (&other.id, &other.shipped_at, &other.delivered_at, &other.warehouse)
        && (picker, packer, carrier, tracking_number) == (&other.picker, &other.packer, &other.carrier, &other.tracking_number)
}

impl Bindings {
    /// The order's own fields, with what is wrong with them.
    fn begin(&self, scope: &Scope) -> (Begun, Vec<FieldProblem>) {
        let mut problems = Vec::new();
        let mut keep = |read: Read<()>| problems.extend(read.err());
        let order = &self.order;
        let text = |field: &Option<Bound>| text_of(field, scope);
        let currency = text(&order.currency).unwrap_or_default();
        let till = Currency::from_str(&currency).map(Till).map_err(|error| FieldProblem::new("currency", error));
        let mut placed_at = Timestamp::UNIX_EPOCH;
        keep(self.required_time("placed_at", &order.placed_at, scope).map(|time| placed_at = time));
        let mut document = OrderDocument {
            prices_include_tax: text(&order.prices_include_tax).is_none_or(|text| is_yes(&text)),
            channel: text(&order.channel),
            customer: CustomerDocument {
                id: text(&order.customer_id),
                name: text(&order.customer_name),
                email: None,
                phone: None,
                tier: text(&order.tier),
                locale: text(&order.locale),
            },
            cancelled: text(&order.cancelled).is_some_and(|text| is_yes(&text)),
            ..OrderDocument::bare(text(&order.number).unwrap_or_default(), placed_at, currency)
        };
        let mut notes = Vec::new();
        contacts(&mut document.customer, &[&text(&order.email)], &[&text(&order.phone)], &mut notes);
        let ship_to = AddressDocument {
            name: text(&order.recipient),
            country: text(&order.country),
            region: text(&order.region),
            city: text(&order.city),
            postal_code: text(&order.postal_code),
            line1: text(&order.line1),
            line2: text(&order.line2),
        };
        let mut told = |name: &str, field: &Option<Bound>| {
            let read = yes_or_no(name, field, scope);
            read.map_err(|problem| keep(Err(problem))).ok().flatten()
        };
        document.consumer = told("consumer", &order.consumer);
        document.informed_of_return_cost = told("informed_of_return_cost", &order.informed_of_return_cost);
        document.policy_displayed = told("policy_displayed", &order.policy_displayed);
        document.disclosure_defective = told("disclosure_defective", &order.disclosure_defective);
        document.concluded = text(&order.concluded);
        keep(self.told("informed_of_withdrawal", &order.informed_of_withdrawal, scope).map(|told| document.informed_of_withdrawal = told));
        keep(self.told("contract_copy", &order.contract_copy, scope).map(|told| document.contract_copy = told));
        document.ship_to = (ship_to != AddressDocument::default()).then_some(ship_to);
        let (mut shipping, mut discount) = (0, 0);
        if let Ok(till) = till {
            keep(self.minor("shipping", order.shipping.as_ref(), scope, till).map(|minor| shipping = minor));
            keep(self.minor("discount", order.discount.as_ref(), scope, till).map(|minor| discount = minor.abs()));
            keep(self.minor("duties", order.duties.as_ref(), scope, till).map(|minor| document.duties = till.some(minor)));
            keep(self.payments_of(scope, till).map(|payments| document.payments = payments));
        }
        keep(till.as_ref().map(|_| ()).map_err(Clone::clone));
        let begun = Begun {
            document,
            till: till.ok(),
            shipping,
            discount,
            discount_code: text(&order.discount_code),
            charges: 0,
            notes,
            not_goods: Vec::new(),
            parcels: Vec::new(),
            unsent: false,
        };
        (begun, problems)
    }
}
