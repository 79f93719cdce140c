//! The machines' desk: what holders of a key may read. What a call needs of a key stands in its row of `http::api::calls`, which was looked at
//! before there is a desk.

use domain::returns::{Actor, History, Return, StockState};
use domain::rma::RmaNumber;
use domain::settlement::Books;

use crate::services::{AtWork, Coming, Credit, Found, Meant, Outlook, Services};
use crate::store::{
    self, ApiKey, ConcessionRow, Conn, EvidenceRow, Holder, ListedReturn, OrderRow, PaymentEntry, PaymentsWanted, QueueView,
    RemediesWanted, ReturnPage, Scope, StockEntry, StockRow, StoreError, TaskPosition, TaskRow, Withdrawal, WithdrawalPage,
};

/// A machine at the desk.
pub struct MachineDesk {
    services: Services,
    pub key: ApiKey,
}

impl MachineDesk {
    pub fn new(services: Services, key: ApiKey) -> Self {
        Self { services, key }
    }

    /// Who does what it asks for.
    pub fn actor(&self) -> Actor {
        Actor::Api { key: self.key.name.clone() }
    }

    pub async fn find_return(&self, rma: RmaNumber) -> Result<Option<Return>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::find_return(&mut read.conn(), rma).await
    }

    pub async fn history(&self, rma: RmaNumber) -> Result<Option<History>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::history_of(&mut read.conn(), rma).await
    }

    pub async fn list(&self, page: &ReturnPage) -> Result<Vec<ListedReturn>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::list_returns(&mut read.conn(), page).await
    }

    /// What people have to do, the most urgent first.
    pub async fn tasks(&self, view: &QueueView, after: Option<&TaskPosition>, limit: i64) -> Result<Vec<TaskRow>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::list_tasks(&mut read.conn(), view, after, limit).await
    }

    /// What a customer has as credit, with up to `most` entries before one of that id.
    pub async fn credit(&self, holder: &str, before: Option<&str>, most: i64) -> Result<Credit, StoreError> {
        self.services.credit_of(holder, before, most).await
    }

    /// Parcels that are waited for.
    pub async fn coming(&self, days: i64) -> Result<Coming, StoreError> {
        self.services.coming(&AtWork::of_machine(&self.key), days).await
    }

    /// Returns and orders that a text means.
    pub async fn search(&self, text: &str, limit: usize) -> Result<Found, StoreError> {
        self.services.search(&AtWork::of_machine(&self.key), text, limit).await
    }

    pub async fn find_order(&self, number: &str) -> Result<Option<OrderRow>, StoreError> {
        let mut read = self.services.store.read().await?;
        Ok(order_meant(&mut read.conn(), number).await?.map(|(row, _)| row))
    }

    /// An order, with what may still be returned of it.
    pub async fn returnable(&self, number: &str) -> Result<Option<(OrderRow, Outlook)>, StoreError> {
        let mut read = self.services.store.read().await?;
        let Some((row, returns)) = order_meant(&mut read.conn(), number).await? else { return Ok(None) };
        let outlook = self.services.outlook_with(&mut read.conn(), &row, &returns).await?;
        Ok(Some((row, outlook)))
    }

    /// Payments of all returns, the oldest first.
    pub async fn payments(&self, wanted: &PaymentsWanted) -> Result<Vec<PaymentEntry>, StoreError> {
        store::list_payments(&mut self.services.store.read().await?.conn(), wanted).await
    }

    /// Items that go out instead of money, of all returns, the longest owed first: since when (epoch milliseconds), the return, which of its remedies.
    pub async fn remedies(&self, wanted: &RemediesWanted) -> Result<Vec<(i64, Return, i64)>, StoreError> {
        let mut read = self.services.store.read().await?;
        let named = store::list_remedies(&mut read.conn(), wanted).await?;
        let mut numbers: Vec<&String> = named.iter().map(|(_, rma, _)| rma).collect();
        numbers.sort();
        numbers.dedup();
        let returns = store::find_returns(&mut read.conn(), &numbers).await?;
        let with = |(since, rma, remedy): &(i64, String, i64)| {
            let request = returns.iter().find(|request| request.rma.to_string() == *rma)?;
            Some((*since, request.clone(), *remedy))
        };
        Ok(named.iter().filter_map(with).collect())
    }

    /// An order with its books, and what was given on it although nothing came back.
    pub async fn books(&self, number: &str) -> Result<Option<(OrderRow, Books, Vec<ConcessionRow>)>, StoreError> {
        let mut read = self.services.store.read().await?;
        let Some((row, returns)) = order_meant(&mut read.conn(), number).await? else { return Ok(None) };
        let books = self.services.books_of(&mut read.conn(), &row, &returns).await?;
        let conceded = store::concessions_of(&mut read.conn(), row.order.number.as_str()).await?;
        Ok(Some((row, books, conceded)))
    }

    pub async fn stock(&self, warehouse: &str, sku: &str) -> Result<Option<StockRow>, StoreError> {
        let mut read = self.services.store.read().await?;
        let rows = store::stock_of(&mut read.conn(), sku).await?;
        Ok(rows.into_iter().find(|row| row.warehouse == warehouse))
    }

    /// How units of a product lie besides those that can be sold.
    pub async fn stock_kept(&self, warehouse: &str, sku: &str) -> Result<Vec<(StockState, i64)>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::stock_kept(&mut read.conn(), warehouse, sku).await
    }

    /// The ledger of a product in a warehouse.
    pub async fn stock_moves(&self, warehouse: &str, sku: &str, after: Option<&str>, limit: i64) -> Result<Vec<StockEntry>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::list_stock_moves(&mut read.conn(), warehouse, sku, after, limit).await
    }

    /// What a scanner read.
    pub async fn meant(&self, code: &str) -> Result<Meant, StoreError> {
        self.services.identify(&AtWork::of_machine(&self.key), code).await
    }

    pub async fn withdrawal(&self, id: &str) -> Result<Option<Withdrawal>, StoreError> {
        self.services.withdrawal(id).await
    }

    pub async fn withdrawals(&self, page: &WithdrawalPage) -> Result<Vec<Withdrawal>, StoreError> {
        let mut read = self.services.store.read().await?;
        store::list_withdrawals(&mut read.conn(), page).await
    }

    /// Evidence of returns, and what came with this key. What somebody is still writing is theirs alone, and the house's own photos are for who
    /// works there.
    pub async fn evidence(&self, id: &str) -> Result<Option<EvidenceRow>, StoreError> {
        let row = self.services.evidence(id).await?;
        Ok(row.filter(|row| match &row.holder {
            Holder::Return(_) => true,
            Holder::Key(digest) => *digest == self.key.digest,
            Holder::House(_) => matches!(self.key.scope, Scope::Staff | Scope::Finance | Scope::Admin),
            Holder::Draft(_) => false,
        }))
    }
}

/// The order of that number with its returns; where there is none, the only one that is written like it.
async fn order_meant(conn: &mut Conn<'_>, number: &str) -> Result<Option<(OrderRow, Vec<Return>)>, StoreError> {
    if let Some(found) = store::find_order_with_returns(conn, number).await? {
        return Ok(Some(found));
    }
    match store::number_meant(conn, number).await? {
        Some(number) => store::find_order_with_returns(conn, number.as_str()).await,
        None => Ok(None),
    }
}
