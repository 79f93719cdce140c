//! The store: SQLite by default, PostgreSQL by one setting, one SQL text for both, one door for writes.
//! Long because what each table offers is named here.

mod announced;
mod api_keys;
mod assignments;
mod audit;
mod bulk;
mod claims;
mod coming;
mod compensations;
mod concessions;
mod conn;
mod copies;
mod counters;
mod credit_notes;
mod credits;
mod customers;
mod delays;
mod differences;
mod drafts;
mod entry;
mod erasure;
mod error;
mod evidence;
mod export;
mod feedback;
mod gateway_checkouts;
mod gateway_refunds;
mod health;
mod idempotency;
mod inbox;
mod kind;
mod limits;
mod locks;
mod message_templates;
mod migrate;
mod news;
mod order_terms;
mod orders;
mod outbox;
mod overrides;
mod pacing;
mod payments;
mod pickups;
mod place;
mod points;
mod policies;
#[macro_use]
mod projections;
mod devices;
mod put_orders;
mod queue;
mod reach;
mod remedies;
mod repairs;
mod returns;
mod schedules;
mod search;
mod sessions;
mod shared;
mod sign_on;
mod staff;
mod stock;
mod stock_batches;
mod stock_moves;
mod store_credit;
mod stray_parcels;
mod transfers;
mod uploads;
mod webhooks;
mod withdrawals;
mod writer;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Object, Pool};
use domain::rma::RmaNumber;
use futures::future::BoxFuture;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

pub use announced::{note_announced, parcels_to_announce, was_announced};
pub use api_keys::{
    ApiKey, KeyLife, Scope, add_api_key, digests_of_api_keys, find_api_key, list_api_keys, note_use_of_api_key, remove_api_key,
};
pub use assignments::{
    Assigned, Held, TaskName, UNTIL_NEWS, assign_next_task, assign_task, escalate, give_by_rule, let_sleep, release_tasks_of,
    wake_due_tasks,
};
pub use audit::{AuditFault, AuditFound, AuditNote, AuditRow, audit_after, audit_of, audit_waits, note_audit, seal_audit, verify_audit};
pub use bulk::{
    BulkItem, BulkRun, BulkState, begin_bulk, bulk_item, bulk_items, delete_old_bulk, find_bulk, insert_bulk, settle_bulk_item, stop_bulk,
    undo_bulk_item,
};
pub use claims::{
    ClaimRow, ClaimStepRow, ClaimsIn, ClaimsWanted, claim_of_batch, claim_steps, claims_of_return, count_claims, find_claim, insert_claim,
    insert_claim_step, list_claims, update_claim,
};
pub use coming::{ComingParcel, Counted, MoneyDue, list_coming, money_due, parcels_coming};
pub use compensations::{
    CauseRow, CompensationRow, CouponUse, GiftFigures, causes_of, compensations_given, compensations_of, compensations_of_holder,
    compensations_waiting, count_compensations_waiting, count_in_month, coupon_uses, coupons_over, coupons_to_remind, end_compensation,
    find_compensation, find_coupon, forget_causes, gift_figures, give_compensation, insert_compensation, lock_month,
    note_compensation_told, note_coupon_reminded, put_cause, redeem_coupon, release_coupon, units_compensated,
};
pub use concessions::{ConcessionRow, concessions_of, find_concession, insert_concession};
use conn::Opener;
pub use conn::{Conn, ReadConn};
pub use copies::{Copied, CopiedTable, CopyIn, TrialSchema, copy_out, count_rows, is_vacant, sqlite_file};
pub use counters::{count_attempt, count_more, counter, delete_old_attempts, give_back, next_number, set_counter};
pub use credit_notes::{credit_notes_of, find_credit_note, has_credit_note, insert_credit_note, next_credit_note};
pub use credits::{BoughtLine, Credit, Purchase, purchase_of_number, purchases_of_customer, record_credits};
pub use customers::{find_customer, put_customer};
pub use delays::returns_overdue;
pub use devices::{DeviceRow, device_of, end_device, list_devices, note_use_of_device, pair_device, put_pairing};
pub use differences::{
    DifferenceRow, OutsideRefund, ReportRow, count_differences, difference_about, differences_open, differences_settled,
    drop_outside_refund, end_reported, find_difference, find_report, insert_report, is_disputed, is_outside_refund, list_reports,
    name_of_refund, order_of_payment, order_paid_by, put_difference, put_outside_refund, refund_of_name, refunds_within, settle_about,
    settle_difference,
};
pub use drafts::{
    SENT_OFF, StoredDraft, delete_old_drafts, find_draft, insert_draft, note_draft_of_order, open_drafts_of_order, touch_draft,
    update_draft,
};
pub use entry::{
    common_secret, delete_login_code, delete_old_login_codes, delete_old_tickets, delete_secret, put_login_code, replace_secret, secret_of,
    try_login_code, use_ticket,
};
pub use erasure::{
    Erasing, ErasureRow, Person, erase, find_erasure, is_owed, money_waits, note_files_gone, person_of, stays_erased, withdrawals_wait,
};
pub use error::StoreError;
use error::unless_it_panics;
pub use evidence::{
    EvidenceRow, Holder, delete_abandoned_evidence, delete_evidence, evidence_after, evidence_of, find_evidence, hand_over_evidence,
    insert_evidence, known_evidence,
};
pub use export::export_of;
pub use feedback::{
    FeedbackRow, FeedbackWanted, Within, feedback_by_facet, feedback_by_time, feedback_score, feedback_tags_of, list_feedback,
    middle_time_to_money, put_feedback, put_feedback_tags,
};
pub use gateway_checkouts::{
    CheckoutIs, GatewayCheckout, find_gateway_checkout, gateway_checkouts_of, open_gateway_checkouts, put_gateway_checkout,
};
pub use gateway_refunds::{GatewayRefund, GatewayState, find_gateway_refund, gateway_refunds_of, open_gateway_refunds, put_gateway_refund};
pub use health::{clocks, database_faults, unbalanced_stock, units_held};
pub use idempotency::{NewAnswer, StoredAnswer, delete_old_answers, find_answer, keep_answer};
pub use inbox::{
    InboxRow, InboxSubject, count_unread, last_texted, list_messages, mark_read, note_texted, of_return, put_message, subjects_of, was_told,
};
pub use kind::DatabaseKind;
pub use limits::PostgresLimits;
pub use locks::{Holding, lock_order};
pub use message_templates::{TemplateRow, last_told, list_templates, own_templates, put_template, templates_of};
pub use migrate::{Plan, Planned, lock_of, plan};
use news::News;
pub use order_terms::fill_order_terms;
pub use orders::{
    OrderRow, OrderToReturn, count_orders, find_order, find_order_to_return, find_order_with_returns, find_telling, number_meant,
    orders_beside, orders_of_account, orders_of_forms, orders_placed, orders_written_like,
};
pub use outbox::{
    FailedJob, Kinds, ListedJob, MailRow, NewJob, OutboxFigures, OutboxRow, OutboxState, claim_due, count_of_queues, delete_done,
    due_not_before, enqueue, forget_payload, has_later, is_leased, list_failed, list_outbox, mails_about, mark_dead, mark_done,
    mark_failed, mark_undelivered, message_before, outbox_figures, put_in_at, put_off, queue_of, renew_lease, retry_parked, take_out,
};
pub use overrides::{Override, OverrideCount, count_overrides, note_override, unmark_overrides};
pub use pacing::{Allowance, give_room_back, room, take_room};
pub use payments::{PAYMENT_WAYS, PaymentEntry, PaymentsWanted, list_payments};
pub use pickups::{
    Booking, Round, bookings_of_day, delete_pickup_area, drop_booking, end_booking, end_round, end_seen_booking, find_booking, find_round,
    has_pickup_areas, list_pickup_areas, lock_pickup_area, pickups_taken, put_booking, put_pickup_area, put_round, rounds_of_day,
};
use place::Place;
pub use points::{
    PointsEntry, book_points, find_points_entry, mend_points, note_points_ended, points_balance, points_entries, points_entry,
    points_ledger, points_over, unbalanced_points,
};
pub use policies::{PolicyRow, policy_document, policy_versions, publish_first_policy, publish_policy};
pub use projections::{
    Difference, Mended, Table, check_projections, forget_parcels, forget_projections, keep_projections, rebuild_projections,
};
pub use put_orders::{OrderToPut, Put, put_orders};
pub use queue::{
    Asleep, COUNTED, QueueCounts, QueueView, TaskPosition, TaskRow, Whose, count_tasks, count_view, list_tasks, place_in_queue, tasks_of,
};
pub use reach::{Reach, find_reach, put_reach};
pub use remedies::{RemediesWanted, list_remedies};
pub use repairs::{RepairRow, find_repair, put_repair, repairs_ended, repairs_of, repairs_open};
pub use returns::{
    ListedReturn, NewReturn, ReturnPage, events_of, find_return, find_returns, history_of, insert_return, list_returns, returns_of_order,
    save_events,
};
pub use schedules::{ScheduleRow, Turn, renew_turn, schedules, settle_turn, take_turn};
pub use search::{Matches, OrderMatch, meant_of, newest_of, orders_bought, orders_meant, returns_meant};
pub use sessions::{begin_session, delete_old_sessions, delete_session, find_session, keep_session};
pub use shared::{SharedRow, delete_shared, list_shared, put_shared};
pub use sign_on::{delete_old_sign_ons, link_subject, linked_staff, put_sign_on, staff_of_subject, take_sign_on};
pub use staff::{
    StaffLink, StaffRow, StaffSession, add_staff, begin_staff_session, change_staff, clear_credentials, clear_password,
    delete_old_staff_sessions, end_every_session, end_staff, end_staff_session, end_staff_sessions, find_staff, find_staff_link,
    find_staff_of_email, find_staff_session, list_staff, lock_staff, note_use_of_staff_session, put_staff_link, set_credentials,
    staff_sessions_of, tell_staff_session, use_factor_step, use_staff_link,
};
pub use stock::{StockRow, put_stock, release, reserve, stock_of, variants_of};
pub use stock_batches::{
    BatchLot, BatchRow, KeptRow, LotInBatch, Threshold, VendorReturn, batch_lots, begin_batch, find_batch, has_unnumbered_moves,
    insert_batch, list_batches, list_kept, mend_ledger, number_stock_moves, put_threshold, returns_lying, settle_batch_lots, stock_feed,
    thresholds, thresholds_reached, unbalanced_ledger,
};
pub use stock_moves::{MAIN_WAREHOUSE, StockCause, StockEntry, list_stock_moves, move_stock, note_stock_told, stock_kept, stock_moves_of};
pub use store_credit::{
    Booked, CreditEntry, book_credit, credit_balances, credit_entries, credit_entry, credit_ledger, credit_over, credit_to_tell,
    customers_of_email, find_credit_entry, mend_credit, note_credit_ended, note_credit_told, unbalanced_credit,
};
pub use stray_parcels::{
    CameWith, StrayRow, count_stray_parcels, find_stray_parcel, forget_stray_parcel, put_stray_parcel, stray_parcels_ended,
    stray_parcels_waiting, stray_parcels_with,
};
pub use transfers::{
    TransferBatch, TransferRow, bank_account_of, find_transfer_batch, forget_account_at, forget_accounts, insert_transfer,
    insert_transfer_batch, list_transfer_batches, put_bank_account, returns_to_pay, transfers_of,
};
pub use uploads::{
    UploadRow, add_upload_part, count_open_uploads, delete_old_uploads, delete_upload, find_upload, finish_upload, insert_upload,
    upload_parts,
};
pub use webhooks::{
    DeliveryRow, WebhookRow, delete_webhook, find_webhook, list_deliveries, list_webhooks, put_webhook, replay, switch_webhook_off,
    told_before, webhook_of,
};
pub use withdrawals::{
    Withdrawal, WithdrawalDraft, WithdrawalPage, acknowledge_again, delete_old_withdrawal_drafts, delete_old_withdrawals, draft_became,
    find_withdrawal, find_withdrawal_draft, insert_withdrawal, list_withdrawals, note_opening, put_withdrawal_draft, settle_withdrawal,
};
use writer::SqliteWriter;

use crate::live::Live;

/// Connections to PostgreSQL.
const CONNECTIONS: usize = 16;
/// Connections that read from SQLite.
const READERS: usize = 6;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Sqlite { readers: Pool<Opener<SqliteConnectOptions>>, writer: SqliteWriter, place: Arc<Place> },
    Postgres { pool: Pool<Opener<PgConnectOptions>>, listener: PgPool, news: News },
}

/// What leaves this machine is encrypted unless the address says otherwise (`sslmode`); who is at the other end is looked at with
/// `sslmode=verify-full`.
fn encrypted(address: &str, options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host();
    let near =
        host == "localhost" || host.starts_with('/') || host.trim_matches(['[', ']']).parse().is_ok_and(|host: IpAddr| host.is_loopback());
    if near || options.get_socket().is_some() || address.contains("sslmode=") { options } else { options.ssl_mode(PgSslMode::Require) }
}

/// One connection to PostgreSQL that others wait for. Its makers' task that looks for idle connections counts below nothing when one is given back at
/// that moment, and keeps a processor busy from then on (sqlx 3645): there is none, and a connection that is gone is noticed when it is taken.
fn single() -> PgPoolOptions {
    PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10)).idle_timeout(None).max_lifetime(None)
}

impl Store {
    /// Opens the database at `address` (`sqlite://path` or `postgres://…`), creating an SQLite file where there is none, and
    /// brings it up to date.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        Self::open_within(address, PostgresLimits::default()).await
    }

    /// As [`Store::open`], with limits of its own. What brings the database up to date takes as long as it takes.
    pub async fn open_within(address: &str, limits: PostgresLimits) -> Result<Self, StoreError> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = encrypted(address, address.parse()?);
            let listener = single().connect_with(options.clone()).await;
            let listener = listener.map_err(|error| match error {
                sqlx::Error::Tls(source) => StoreError::Unencrypted(source),
                other => other.into(),
            })?;
            migrate::postgres(&listener).await?;
            let pool = conn::pool(limits.on(options), CONNECTIONS)?;
            let news = News::start(pool.clone());
            return Ok(Self { backend: Backend::Postgres { pool, listener, news } });
        }
        let Some(path) = address.strip_prefix("sqlite://") else { return Err(StoreError::Address) };
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::File { path: folder.display().to_string(), source })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Durable: what was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(20))
            .pragma("journal_size_limit", "67108864")
            // 16 MiB of log before it goes to the database: the pages of indexes, which change with every return, go there once for many.
            .pragma("wal_autocheckpoint", "4096")
            // 16 MiB of pages a connection; the makers' 2 are for telephones.
            .pragma("cache_size", "-16384")
            .statement_cache_capacity(256);
        migrate::sqlite(&options, path).await?;
        let place = Arc::new(Place::of(Path::new(path)));
        let writer = SqliteWriter::start(options.clone(), place.clone()).await?;
        let readers = conn::pool(options.read_only(true), READERS)?;
        Ok(Self { backend: Backend::Sqlite { readers, writer, place } })
    }

    /// A connection to read with. What was written before this call is seen.
    pub async fn read(&self) -> Result<ReadConn, StoreError> {
        Ok(match &self.backend {
            Backend::Sqlite { readers, place, .. } => {
                // A new connection would be one to another database.
                if !place.is_same() {
                    return Err(StoreError::Replaced);
                }
                ReadConn::Sqlite(readers.get().await?)
            }
            Backend::Postgres { pool, .. } => ReadConn::Postgres(pool.get().await?),
        })
    }

    /// Runs `work` in one transaction: all of it happens, or (where it returns an error) nothing does. It goes on to its end
    /// even if the caller is dropped, so that a browser that goes away never leaves half a command.
    ///
    /// On SQLite commands wait in one queue and share commits; on PostgreSQL each is a transaction of its own.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.run(work, false).await,
            Backend::Postgres { pool, .. } => {
                let pool = pool.clone();
                let done = tokio::spawn(async move {
                    let mut conn = pool.get().await.map_err(StoreError::from)?;
                    conn::execute!(Conn::Postgres(&mut conn), "BEGIN").map_err(StoreError::from)?;
                    let mut outcome = unless_it_panics(work(Conn::Postgres(&mut conn))).await;
                    if outcome.is_ok() && conn.doubtful {
                        // A statement failed, and `work` went on: PostgreSQL keeps nothing of such a transaction, and commits it without a word.
                        outcome = Err(StoreError::Sql(sqlx::Error::Protocol("a statement failed before".to_owned())).into());
                    }
                    let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
                    if let Err(error) = conn::execute!(Conn::Postgres(&mut conn), end) {
                        // Nothing half done stays with a connection that is used again.
                        drop(Object::take(conn));
                        return Err(outcome.err().unwrap_or_else(|| StoreError::from(error).into()));
                    }
                    outcome
                });
                done.await.unwrap_or_else(|_| Err(StoreError::Stopping.into()))
            }
        }
    }

    /// As [`Store::write`], for `work` that is a single text which writes all or nothing: it needs no transaction around it.
    pub async fn write_whole<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.run(work, true).await,
            Backend::Postgres { pool, .. } => {
                let pool = pool.clone();
                let done = tokio::spawn(async move {
                    let mut conn = pool.get().await.map_err(StoreError::from)?;
                    work(Conn::Postgres(&mut conn)).await
                });
                done.await.unwrap_or_else(|_| Err(StoreError::Stopping.into()))
            }
        }
    }

    /// Reads, and writes a row for real: why that does not work, where it does not.
    pub async fn try_both(&self, now: i64) -> Result<(), StoreError> {
        let mut read = self.read().await?;
        conn::fetch_optional!(&mut read.conn(), (i64,), "SELECT 1::BIGINT" => "SELECT 1")?;
        drop(read);
        self.write(move |mut conn| Box::pin(async move { set_counter(&mut conn, "ready", now).await })).await
    }

    /// Tells open pages what happened to a return: those of every server on a PostgreSQL, else those of this one.
    pub fn tell(&self, rma: RmaNumber, live: &Live) {
        match &self.backend {
            Backend::Sqlite { .. } => live.announce(rma),
            Backend::Postgres { news, .. } => news.tell(rma),
        }
    }

    /// Passes on what the servers on a PostgreSQL tell.
    pub async fn listen(&self, live: Live) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite { .. } => Ok(()),
            Backend::Postgres { listener, .. } => news::listen(listener, live).await,
        }
    }

    /// Takes what was deleted out of the database's own file, where it is one: pages that are free, and the log of what was written. Larger ones (more
    /// than `most` bytes) are left for somebody to do so at a quiet hour; false then.
    pub async fn tidy(&self, most: u64) -> Result<bool, StoreError> {
        let Backend::Sqlite { place, .. } = &self.backend else { return Ok(true) };
        let small = std::fs::metadata(place.path()).is_ok_and(|file| file.len() <= most);
        let options = SqliteConnectOptions::new().filename(place.path()).busy_timeout(Duration::from_secs(20));
        let mut conn = sqlx::ConnectOptions::connect(&options).await?;
        if small {
            sqlx::query("VACUUM").execute(&mut conn).await?;
        }
        let (busy, ..): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut conn).await?;
        sqlx::Connection::close(conn).await?;
        if busy != 0 {
            return Err(StoreError::Stale("log"));
        }
        Ok(small)
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self.backend {
            Backend::Sqlite { .. } => "sqlite",
            Backend::Postgres { .. } => "postgres",
        }
    }

    /// Lets what waits be written, then closes.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite { readers, writer, .. } => {
                writer.stop().await;
                readers.close();
            }
            Backend::Postgres { pool, listener, .. } => {
                pool.close();
                listener.close().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_the_address_says_otherwise() {
        let of = |address: &str| format!("{:?}", encrypted(address, address.parse().expect("an address")).get_ssl_mode());
        for near in ["postgres://a@localhost/b", "postgres://a@127.0.0.1/b", "postgres://a@[::1]/b", "postgres:///b?host=/run/postgresql"] {
            assert_eq!(of(near), "Prefer", "{near}");
        }
        assert_eq!(of("postgres://a@db.example/b"), "Require");
        assert_eq!(of("postgres://a@192.0.2.1/b?application_name=x"), "Require");
        assert_eq!(of("postgres://a@db.example/b?sslmode=disable"), "Disable");
        assert_eq!(of("postgres://a@db.example/b?sslmode=verify-full"), "VerifyFull");
    }
}
