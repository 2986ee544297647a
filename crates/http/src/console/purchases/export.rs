//! All purchases as a table for spreadsheets (CSV, RFC 4180).

use std::future::ready;

use actix_web::{
    HttpResponse,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
    web::Bytes,
};
use futures_util::{Stream, StreamExt, stream};
use tollgate_domain::{
    Timestamp,
    language::Language,
    money::Money,
    paging::{Cursor, Listing, PageRequest},
    reports::{ReportsError, Sale, SaleQuery},
};

use super::{
    filter, filtered,
    row::{Status, kind},
};
use crate::{
    console::{page::see_other, price, who::AtHandle},
    extract::Query,
    locale::Texts,
    problem::Answer,
    state::Http,
};

/// How many purchases are read at once.
const PART: u32 = 100;

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The ids of the headings of the columns.
const COLUMNS: [&str; 12] = [
    "console-purchases-csv-date",
    "console-purchases-csv-email",
    "console-purchases-csv-page",
    "console-purchases-csv-address",
    "console-purchases-csv-kind",
    "console-purchases-csv-status",
    "console-purchases-csv-currency",
    "console-purchases-csv-paid",
    "console-purchases-csv-returned",
    "console-purchases-csv-ended",
    "console-purchases-csv-purchase",
    "console-purchases-csv-payment",
];

/// The way through the list.
struct Walk {
    http: Http,
    at: AtHandle,
    wanted: SaleQuery,
    after: Option<Cursor>,
}

/// Sends all purchases that the filter leaves, however many. A filter with errors is shown on the list.
pub(super) async fn download(http: Http, at: AtHandle, query: Query) -> Answer {
    let t = at.screen.t;
    let (form, wanted) = filter(t, &query)?;
    let Some(wanted) = wanted else {
        return Ok(see_other(&filtered(&at, "/purchases", &form, "")));
    };
    let name = format!("{}-purchases.csv", at.handle.name);
    let mut walk = Walk { http, at, wanted, after: None };
    // A fault at the start gets an answer of its own.
    let first = lines(t, &walk.part().await?);
    let headings = line(t, COLUMNS.map(|id| t.get(id)));
    let start = Ok(Bytes::from(format!("{BYTE_ORDER_MARK}{headings}{first}")));
    let attachment = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header(attachment)
        .streaming(stream::once(ready(start)).chain(walk.rest())))
}

impl Walk {
    async fn part(&mut self) -> Result<Vec<Sale>, ReportsError> {
        let (creator, name) = (&self.at.creator, &self.at.handle.name);
        let page = PageRequest { limit: PART, after: self.after.take() };
        let sales = self.http.use_cases.reports.sales(creator, name, self.wanted.clone(), &page);
        let Listing { items, next } = sales.await?;
        self.after = next;
        Ok(items)
    }

    /// Reads the parts that follow. When the store fails, the connection ends early, so that the browser does
    /// not take the table for complete.
    fn rest(self) -> impl Stream<Item = Result<Bytes, ReportsError>> {
        let parts = stream::try_unfold(self, |mut walk| async {
            if walk.after.is_none() {
                return Ok(None);
            }
            let part = walk.part().await?;
            Ok(Some((Bytes::from(lines(walk.at.screen.t, &part)), walk)))
        });
        parts.inspect(|part: &Result<Bytes, ReportsError>| {
            if let Err(error) = part {
                tracing::error!(%error, "an export was cut off");
            }
        })
    }
}

fn lines(t: Texts, sales: &[Sale]) -> String {
    sales.iter().map(|sale| line(t, cells(t, sale))).collect()
}

fn cells(t: Texts, sale: &Sale) -> [String; COLUMNS.len()] {
    let purchase = &sale.purchase;
    let payment = purchase.payment.as_ref();
    let paid = payment.map(|payment| payment.paid);
    let returned = paid.map(|paid| Money::new(purchase.refunded, paid.currency));
    let currency = paid.map(|paid| paid.currency.code().to_ascii_uppercase());
    [
        time(purchase.created_at),
        sale.email.to_string(),
        sale.title.clone(),
        sale.slug.to_string(),
        kind(t, purchase.granted_as),
        Status::of(t, sale.status()).word,
        currency.unwrap_or_default(),
        paid.map(|paid| price::number(t, paid)).unwrap_or_default(),
        returned.map(|money| price::number(t, money)).unwrap_or_default(),
        purchase.revoked_at.map(time).unwrap_or_default(),
        purchase.id.to_string(),
        payment.map(|payment| payment.payment_intent.to_string()).unwrap_or_default(),
    ]
}

/// Returns a time in UTC without fractions of a second, since spreadsheets keep other forms as text.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Returns what spreadsheets of a language expect between two cells: where amounts have a decimal comma, it is a semicolon.
fn separator(t: Texts) -> &'static str {
    match t.0 {
        Language::English => ",",
        Language::German => ";",
    }
}

fn line(t: Texts, cells: [String; COLUMNS.len()]) -> String {
    let mut line = cells.map(|text| cell(&text)).join(separator(t));
    line.push_str("\r\n");
    line
}

/// Returns a cell. Its quoting does not depend on the separator. Spreadsheets take what starts with some characters for a
/// formula, so an apostrophe is put before it.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n', ';']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_no_fractions() {
        let at = "2026-11-29T09:06:03.123456Z".parse().unwrap();
        assert_eq!(cell(&time(at)), "2026-11-29 09:06:03");
    }

    #[test]
    fn cells_are_quoted_where_needed() {
        for (text, expected) in [
            ("", ""),
            ("A guide", "A guide"),
            ("One, two", "\"One, two\""),
            ("The \"best\"", "\"The \"\"best\"\"\""),
            ("Über 🪴", "Über 🪴"),
            (" x", "\" x\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn cells_are_never_formulas() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
