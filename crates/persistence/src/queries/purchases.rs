//! Purchases.

use tollgate_domain::{
    access::{
        Fact, FactKind, GrantType, Purchase, Seller,
        ports::{MovedPurchases, PurchaseReads, Purchases, SoldPurchase},
    },
    email::Email,
    id::{HandleId, PageId, PurchaseId, VisitorId},
    names::Slug,
    payments::{AccountId, PaymentIntentId},
    refunds::ports::RefundRequests,
};

use super::prelude::*;
use crate::{
    rows::{FactRow, HandleRow, PurchaseRow},
    schema::{handles, ledger, page_sales, pages, purchases, visitors},
};

/// The address of a visitor, and the slug and the title of a page.
type PlaceColumns = (AsText<Email>, AsText<Slug>, String);

/// The name and the text of the seller of a purchase, if they are stored.
type SellerColumns = (Option<String>, Option<String>);

fn seller((name, text): SellerColumns) -> Option<Seller> {
    name.map(|name| Seller { name, text })
}

/// A visitor's purchases of a page, newest first.
macro_rules! purchases_of {
    ($visitor:expr, $page:expr) => {
        purchases::table
            .filter(purchases::page_id.eq(AsText($page)))
            .filter(purchases::visitor_id.eq(AsText($visitor)))
            .order((purchases::created_at.desc(), purchases::id.desc()))
    };
}

#[async_trait]
impl Purchases for Unit {
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError> {
        if !insert!(self, purchases, PurchaseRow::from(purchase))? {
            return Ok(false);
        }
        let (sold, given) = if purchase.payment.is_some() { (1, 0) } else { (0, 1) };
        let row = (
            page_sales::page_id.eq(AsText(purchase.page_id)),
            page_sales::handle_id.eq(AsText(purchase.handle_id)),
            page_sales::sold.eq(sold),
            page_sales::given.eq(given),
        );
        let more = (
            page_sales::sold.eq(page_sales::sold + sold),
            page_sales::given.eq(page_sales::given + given),
        );
        let insert = diesel::insert_into(page_sales::table).values(row);
        self.add(insert.on_conflict(page_sales::page_id).do_update().set(more));
        self.relate(AsText(purchase.handle_id), AsText(purchase.visitor_id));
        Ok(true)
    }

    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = purchases::refunded.eq(purchases::refunded);
        updated!(self, PurchaseRow, diesel::update(purchases::table.find(AsText(id))).set(same))
    }

    async fn was_refunded_under(&mut self, id: PurchaseId, key: &str) -> Result<bool, StoreError> {
        let asked = RefundRequests::by_key(self, &[id], key).await?;
        Ok(asked.is_some_and(|(_, refund)| refund.is_some()))
    }

    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        find_all!(self, PurchaseRow, purchases_of!(visitor, page))
    }

    async fn move_to(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: VisitorId,
    ) -> Result<MovedPurchases, StoreError> {
        let gift = Literal(GrantType::Complimentary.as_str());
        let granted = purchases::table
            .filter(purchases::visitor_id.eq(AsText(to)))
            .filter(purchases::granted_as.eq(gift))
            .filter(purchases::revoked_at.is_null())
            .select(purchases::page_id);
        let theirs = purchases::table
            .filter(purchases::handle_id.eq(AsText(handle)))
            .filter(purchases::visitor_id.eq(AsText(from)));
        // Locks them, so that they are as a unit left them that had locked one.
        let same = purchases::refunded.eq(purchases::refunded);
        let theirs = diesel::update(theirs).set(same).returning(PurchaseRow::as_returning());
        self.relate(AsText(handle), AsText(to));
        run!(self, |conn| {
            let theirs: Vec<PurchaseRow> = theirs.get_results(conn).await?;
            let granted: Vec<AsText<PageId>> = granted.load(conn).await?;
            let theirs = theirs.into_iter().map(Purchase::from);
            let (stayed, moved): (Vec<Purchase>, Vec<Purchase>) = theirs.partition(|known| {
                let is_gift = known.granted_as == GrantType::Complimentary;
                let is_alive = known.revoked_at.is_none();
                is_gift && is_alive && granted.contains(&AsText(known.page_id))
            });
            let ids: Vec<_> = moved.iter().map(|known| AsText(known.id)).collect();
            let rows = purchases::table.filter(purchases::id.eq_any(ids));
            let to_them = purchases::visitor_id.eq(AsText(to));
            diesel::update(rows).set(to_them).execute(conn).await?;
            Ok(MovedPurchases { moved, stayed })
        })
    }

    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError> {
        let gone = purchases::refunded + purchases::refund_reserved + purchases::lost;
        let sum = gone + amount;
        let has_enough =
            purchases::table.find(AsText(id)).filter(purchases::amount.ge(sum.nullable()));
        let reserved = purchases::refund_reserved.eq(purchases::refund_reserved + amount);
        changes!(self, diesel::update(has_enough).set(reserved))
    }

    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError> {
        let reserved = purchases::refund_reserved.eq(purchases::refund_reserved - amount);
        execute!(self, diesel::update(purchases::table.find(AsText(id))).set(reserved))
    }

    async fn note_seller(&mut self, id: PurchaseId, seller: &Seller) -> Result<(), StoreError> {
        let stored = (
            purchases::seller_name.eq(Some(seller.name.clone())),
            purchases::seller_text.eq(seller.text.clone()),
        );
        execute!(self, diesel::update(purchases::table.find(AsText(id))).set(stored))
    }

    async fn seller_of(&mut self, id: PurchaseId) -> Result<Option<Seller>, StoreError> {
        let stored = (purchases::seller_name, purchases::seller_text);
        let stored = purchases::table.find(AsText(id)).select(stored);
        let stored: Option<SellerColumns> = self.first(stored).await?;
        Ok(stored.and_then(seller))
    }

    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError> {
        let state = (
            purchases::grant_type.eq(AsText(purchase.grant_type)),
            purchases::refunded.eq(purchase.refunded),
            purchases::lost.eq(purchase.lost),
            purchases::suspended_at.eq(purchase.suspended_at.map(AsInt)),
            purchases::revoked_at.eq(purchase.revoked_at.map(AsInt)),
        );
        execute!(self, diesel::update(purchases::table.find(AsText(purchase.id))).set(state))
    }
}

#[async_trait]
impl PurchaseReads for Database {
    async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        read_first!(self, PurchaseRow, purchases::table.find(AsText(id)))
    }

    async fn sold(&self, id: PurchaseId) -> Result<Option<SoldPurchase>, StoreError> {
        let sold = purchases::table
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
            .inner_join(handles::table.on(handles::id.eq(purchases::handle_id)))
            .filter(purchases::id.eq(AsText(id)))
            .select((
                PurchaseRow::as_select(),
                HandleRow::as_select(),
                (visitors::email, pages::slug, pages::title),
                (purchases::seller_name, purchases::seller_text),
            ));
        let row: Option<(PurchaseRow, HandleRow, PlaceColumns, SellerColumns)> =
            read!(self, |conn| { sold.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(purchase, handle, (email, slug, title), stored)| SoldPurchase {
            purchase: purchase.into(),
            email: email.0,
            handle: handle.into(),
            slug: slug.0,
            title,
            seller: seller(stored),
        }))
    }

    async fn purchase_by_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError> {
        let paid = purchases::table
            .filter(purchases::account.eq(AsText(account.clone())))
            .filter(purchases::payment_intent.eq(AsText(payment.clone())));
        read_first!(self, PurchaseRow, paid)
    }

    async fn purchases_of(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        let bought = purchases_of!(visitor, page).select(PurchaseRow::as_select());
        let rows: Vec<PurchaseRow> = read_all!(self, bought)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn facts_of(&self, id: PurchaseId) -> Result<Vec<Fact>, StoreError> {
        let facts = ledger::table
            .filter(ledger::purchase_id.eq(AsText(id)))
            .order((ledger::at, ledger::id))
            .select(FactRow::as_select());
        let rows: Vec<FactRow> = read_all!(self, facts)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn was_held(&self, id: PurchaseId) -> Result<bool, StoreError> {
        let held = ledger::table
            .filter(ledger::kind.eq(AsText(FactKind::SecondPaymentHeld)))
            .filter(ledger::reference.eq(id.to_string()))
            .select(ledger::id);
        let found: Option<String> =
            read!(self, |conn| { held.first(on(&mut conn)).await.optional() })?;
        Ok(found.is_some())
    }
}
