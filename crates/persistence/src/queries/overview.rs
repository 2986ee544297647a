//! What a handle's pages are at a glance.

use tollgate_domain::{
    creators::{AccessMode, PageOverview, PageStatus, PricedPage},
    id::HandleId,
    money::{Currency, Money},
    names::Slug,
};

use super::prelude::*;
use crate::schema::pages;

/// The number of pages, that of published ones, the slug of the newest page, and the paid page that matters most.
type OverviewRow = (Option<i64>, Option<i64>, Option<AsText<Slug>>, PricedColumns);
/// Slug, title, amount and currency of the price, and status, set together or not at all.
type PricedColumns = (
    Option<AsText<Slug>>,
    Option<String>,
    Option<i64>,
    Option<AsText<Currency>>,
    Option<AsText<PageStatus>>,
);

fn overview((total, published, newest, priced): OverviewRow) -> PageOverview {
    let priced = match priced {
        (Some(slug), Some(title), Some(amount), Some(currency), Some(status)) => Some(PricedPage {
            slug: slug.0,
            title,
            price: Money::new(amount, currency.0),
            status: status.0,
        }),
        _ => None,
    };
    PageOverview {
        total: total.unwrap_or_default().unsigned_abs(),
        published: published.unwrap_or_default().unsigned_abs(),
        newest: newest.map(|slug| slug.0),
        priced,
    }
}

impl Database {
    /// Returns how many pages a handle has, and which of them matters most for selling.
    pub(super) async fn overview_of(&self, handle: HandleId) -> Result<PageOverview, StoreError> {
        let of_handle = || pages::table.filter(pages::handle_id.eq(AsText(handle)));
        let published = of_handle().filter(pages::status.eq(AsText(PageStatus::Published)));
        let newest = of_handle().order((pages::created_at.desc(), pages::id.desc()));
        // The statuses in this order are from published to archived, which is left out. The mode is in the text, as the partial
        // index has it.
        let priced = || {
            of_handle()
                .filter(pages::mode.eq(Literal(AccessMode::Paid.as_str())))
                .filter(pages::status.gt(AsText(PageStatus::Archived)))
                .order((pages::status.desc(), pages::created_at.desc(), pages::id.desc()))
        };
        let statement = diesel::select((
            of_handle().count().single_value(),
            published.count().single_value(),
            newest.select(pages::slug).single_value(),
            (
                priced().select(pages::slug).single_value(),
                priced().select(pages::title).single_value(),
                priced().select(pages::price_amount).single_value(),
                priced().select(pages::price_currency).single_value(),
                priced().select(pages::status).single_value(),
            ),
        ));
        let row: OverviewRow = read!(self, |conn| { statement.get_result(on(&mut conn)).await })?;
        Ok(overview(row))
    }
}
