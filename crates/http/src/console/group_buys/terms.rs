//! The form of a group buy: what is typed, and what is read from it.

use jiff::{civil::DateTime, tz::TimeZone};
use tollgate_domain::{
    Timestamp,
    group_buys::{DEFAULT_OFFER_DAYS, GroupBuy, GroupBuyChange, NewGroupBuy},
    names::Slug,
    validation::FieldErrors,
};

use crate::{
    console::{
        choice::PageChoice,
        form::{FormState, Labels},
        price,
    },
    locale::Texts,
};

pub(super) const FIELDS: Labels = &[
    ("title", "console-group-buys-field-title"),
    ("pageSlug", "console-group-buys-field-page"),
    ("price", "console-group-buys-field-price"),
    ("targetQuantity", "console-group-buys-field-target"),
    ("maxQuantity", "console-group-buys-field-most"),
    ("deadline", "console-group-buys-field-deadline"),
    ("offerDays", "console-group-buys-field-days"),
    ("description", "console-group-buys-field-description"),
    ("slug", "console-group-buys-field-slug"),
];

/// The terms as they were typed.
struct Terms {
    target_quantity: i64,
    max_quantity: Option<i64>,
    deadline: Option<Timestamp>,
    offer_days: Option<i64>,
}

/// Returns the form of a new group buy.
pub(super) fn empty(t: Texts) -> FormState {
    FormState::new(t, FIELDS).with("offerDays", DEFAULT_OFFER_DAYS.to_string())
}

/// Returns the form of a group buy that is there.
pub(super) fn filled(t: Texts, group_buy: &GroupBuy) -> FormState {
    let most = group_buy.max_quantity.map(|most| most.to_string());
    FormState::new(t, FIELDS)
        .with("title", &group_buy.title)
        .with("price", price::typed(t, group_buy.price))
        .with("targetQuantity", group_buy.target_quantity.to_string())
        .with("maxQuantity", most.unwrap_or_default())
        .with("deadline", group_buy.deadline.map(written).unwrap_or_default())
        .with("offerDays", group_buy.offer_days.to_string())
        .with("description", &group_buy.description)
}

/// Writes an instant (UTC) as a field for times takes it.
fn written(at: Timestamp) -> String {
    let format = if at.as_second() % 60 == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    at.strftime(format).to_string()
}

/// Reads the form of a new group buy; `None` if fields of it have errors.
pub(super) fn new(t: Texts, form: &mut FormState, pages: &[PageChoice]) -> Option<NewGroupBuy> {
    let page = pages.iter().find(|page| page.slug.as_str() == form.get("pageSlug"));
    let price = page.and_then(|page| {
        let currency = page.price?.currency;
        form.check("price", price::chargeable(t, form.get("price"), currency))
    });
    if page.is_none() {
        form.refuse("pageSlug", t.get("console-group-buys-error-page"));
        form.needs("price");
    }
    let slug = form.some("slug").map(str::trim).map(str::parse::<Slug>).transpose();
    let slug = form.check("slug", slug);
    let title = form.get("title").trim().to_owned();
    form.needs("title");
    check_texts(form);
    let terms = Terms::read(t, form);
    let (page, terms, title_slug) = (page?, terms?, [&*title, "group-buy"]);
    if form.has_errors() {
        return None;
    }
    Some(NewGroupBuy {
        slug: slug?.or_else(|| title_slug.into_iter().find_map(Slug::suggest))?,
        title,
        description: form.get("description").to_owned(),
        page_slug: page.slug.clone(),
        price: price?,
        target_quantity: terms.target_quantity,
        max_quantity: terms.max_quantity,
        deadline: terms.deadline,
        offer_days: terms.offer_days,
    })
}

/// Reads the form of a group buy that is there; `None` if fields of it have errors. Terms that were left as
/// they are do not count as changes, since the page and the time may have changed since.
pub(super) fn change(t: Texts, form: &mut FormState, before: &GroupBuy) -> Option<GroupBuyChange> {
    let texts = GroupBuyChange {
        title: Some(form.get("title").trim().to_owned()),
        description: Some(form.get("description").to_owned()),
        ..GroupBuyChange::default()
    };
    if before.is_committed() {
        return Some(texts);
    }
    let price = price::chargeable(t, form.get("price"), before.price.currency);
    let price = form.check("price", price);
    let terms = Terms::read(t, form);
    check_texts(form);
    let typed = form.get("deadline").trim();
    let is_same_time = before.deadline.is_some_and(|deadline| written(deadline) == typed);
    let Terms { target_quantity, max_quantity, deadline, offer_days } = terms?;
    if form.has_errors() {
        return None;
    }
    Some(GroupBuyChange {
        price: Some(price?).filter(|price| *price != before.price),
        target_quantity: Some(target_quantity),
        max_quantity: Some(max_quantity),
        deadline: (!is_same_time && deadline != before.deadline).then_some(deadline),
        offer_days,
        ..texts
    })
}

/// Adds the errors of the texts to those of the other fields.
fn check_texts(form: &mut FormState) {
    let mut errors = FieldErrors::new();
    GroupBuy::check_texts(&mut errors, form.get("title").trim(), form.get("description"));
    form.add(&errors);
}

impl Terms {
    /// Reads all fields; `None` if any has an error.
    fn read(t: Texts, form: &mut FormState) -> Option<Self> {
        let number = |text: &str| {
            let error = || t.get("console-group-buys-error-number");
            text.trim().parse::<i64>().map_err(|_| error())
        };
        let target_quantity = form.check("targetQuantity", number(form.get("targetQuantity")));
        let most = form.some("maxQuantity").map(number).transpose();
        let max_quantity = form.check("maxQuantity", most);
        let deadline = form
            .some("deadline")
            .map(|text| instant(text).ok_or_else(|| t.get("console-group-buys-error-time")));
        let deadline = form.check("deadline", deadline.transpose());
        let days = form.some("offerDays").map(number).transpose();
        let offer_days = form.check("offerDays", days);
        let mut errors = FieldErrors::new();
        if let (Some(target), Some(most), Some(days)) = (target_quantity, max_quantity, offer_days)
        {
            GroupBuy::check_numbers(&mut errors, target, most, days);
        }
        form.add(&errors);
        Some(Self {
            target_quantity: target_quantity?,
            max_quantity: max_quantity?,
            deadline: deadline?,
            offer_days: offer_days?,
        })
    }
}

/// Reads what a field for times contains, as a time in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.trim().parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_read_as_it_was_written() {
        for text in ["2026-12-03T18:00", "2026-12-03T18:00:05"] {
            assert_eq!(instant(text).map(written).as_deref(), Some(text));
        }
        assert_eq!(instant("2026-12-03").map(written).as_deref(), Some("2026-12-03T00:00"));
        for bad in ["", "tomorrow", "2026-13-01T00:00", "18:00", "2026-12-03T18:00Z"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
