//! What the form of a group buy says. It is parsed like the bodies of the JSON interface.

use jiff::{civil::DateTime, tz::TimeZone};
use tollgate_domain::{
    Timestamp,
    group_buys::{DEFAULT_OFFER_DAYS, GroupBuy, GroupBuyChange, GroupBuyView, NewGroupBuy},
    money::Currency,
    names::Slug,
    validation::FieldErrors,
};

use crate::{
    console::{
        choice::PageChoice,
        digits,
        form::{FormState, Labels},
        price, slugs,
    },
    creator::group_buys::input::{GroupBuyChangeBody, NewGroupBuyBody},
    dto::{MoneyBody, Whole},
    extract::Object,
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

/// The terms as they were typed, as far as they can be read.
#[expect(clippy::option_option, reason = "errors, nothing and a value are three things to say")]
struct Typed {
    target_quantity: Option<i64>,
    max_quantity: Option<Option<i64>>,
    deadline: Option<Option<Timestamp>>,
    offer_days: Option<Option<i64>>,
}

/// The terms of a form without errors.
struct Terms {
    target_quantity: i64,
    max_quantity: Option<i64>,
    deadline: Option<Timestamp>,
    offer_days: Option<i64>,
}

pub(super) fn empty(t: Texts) -> FormState {
    FormState::new(t, FIELDS).with("offerDays", DEFAULT_OFFER_DAYS.to_string())
}

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
        .with("version", group_buy.version().to_string())
}

/// Returns what a field says, the same text for the same value. The terms say nothing unless the form `has_terms`.
pub(super) fn told(
    t: Texts,
    form: &FormState,
    field: &str,
    has_terms: bool,
    currency: Currency,
) -> String {
    let typed = form.get(field).trim();
    if !has_terms && !matches!(field, "title" | "description") {
        return String::new();
    }
    match field {
        // They cannot change.
        "pageSlug" | "slug" => String::new(),
        "price" => price::chargeable(t, typed, currency)
            .map_or_else(|_| typed.to_owned(), |price| t.money(price)),
        "deadline" => typed.replace('T', " "),
        "targetQuantity" | "maxQuantity" | "offerDays" => {
            digits::whole(typed).map_or_else(|_| typed.to_owned(), |number| number.to_string())
        }
        _ => typed.to_owned(),
    }
}

/// Writes an instant (UTC) as a field for times takes it.
fn written(at: Timestamp) -> String {
    let format = if at.as_second() % 60 == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    at.strftime(format).to_string()
}

/// Reads the form of a new group buy at `now`; `None` if fields of it have errors.
pub(super) fn new(
    t: Texts,
    form: &mut FormState,
    pages: &[PageChoice],
    now: Timestamp,
) -> Option<NewGroupBuy> {
    let page = pages.iter().find(|page| page.slug.as_str() == form.get("pageSlug"));
    let price = page.and_then(|page| {
        let currency = page.price?.currency;
        form.check("price", price::chargeable(t, form.get("price"), currency))
    });
    if page.is_none() {
        form.refuse("pageSlug", t.get("console-group-buys-error-page"));
        if form.needs("price") {
            let currencies = pages.iter().filter_map(|page| Some(page.price?.currency));
            if let Some(error) = price::unreadable(t, form.get("price"), currencies) {
                form.refuse("price", error);
            }
        }
    }
    let title = form.get("title").trim().to_owned();
    let slug = match slugs::typed(form) {
        Some(typed) => typed,
        None => [&*title, "group-buy"].into_iter().find_map(Slug::suggest)?.to_string(),
    };
    let _ = form.check("slug", slug.parse::<Slug>());
    form.needs("title");
    check_texts(form);
    let typed = Typed::read(t, form);
    let (regular, deadline) = (page.and_then(|page| page.price), typed.deadline.flatten());
    let mut errors = FieldErrors::new();
    GroupBuy::check_new_terms(&mut errors, price, regular, deadline, now);
    form.add(errors);
    let (page, price, terms) = (page?, price?, typed.whole()?);
    let body = NewGroupBuyBody {
        slug,
        title,
        description: form.get("description").to_owned(),
        page_slug: page.slug.to_string(),
        price: Object(MoneyBody::of(price)),
        target_quantity: Whole(terms.target_quantity),
        max_quantity: terms.max_quantity.map(Whole),
        deadline: terms.deadline.map(|at| at.to_string()),
        offer_days: terms.offer_days.map(Whole),
    };
    form.parsed(NewGroupBuy::try_from(body))
}

/// Reads the form of a group buy that is there at `now`; `None` if fields of it have errors. Terms that were left as
/// they are do not count as changes, since the page and the time may have changed since.
pub(super) fn change(
    t: Texts,
    form: &mut FormState,
    view: &GroupBuyView,
    now: Timestamp,
) -> Option<GroupBuyChange> {
    let before = &view.group_buy;
    let texts = GroupBuyChangeBody {
        title: Some(form.get("title").trim().to_owned()),
        description: Some(form.get("description").to_owned()),
        ..GroupBuyChangeBody::default()
    };
    if before.is_committed() {
        return form.parsed(GroupBuyChange::try_from(texts));
    }
    let price = price::chargeable(t, form.get("price"), before.price.currency);
    let price = form.check("price", price);
    let typed = Typed::read(t, form);
    check_texts(form);
    let text = form.get("deadline").trim();
    let is_same_time = before.deadline.is_some_and(|deadline| written(deadline) == text);
    let deadline = typed.deadline.filter(|deadline| !is_same_time && *deadline != before.deadline);
    let new_price = price.filter(|price| *price != before.price);
    let mut errors = FieldErrors::new();
    let regular = view.page.regular_price();
    GroupBuy::check_new_terms(&mut errors, new_price, regular, deadline.flatten(), now);
    before.check_maximum(&mut errors, typed.max_quantity.flatten());
    form.add(errors);
    let Terms { target_quantity, max_quantity, offer_days, .. } = price.and(typed.whole())?;
    let body = GroupBuyChangeBody {
        price: new_price.map(|price| Object(MoneyBody::of(price))),
        target_quantity: Some(Whole(target_quantity)),
        max_quantity: Some(max_quantity.map(Whole)),
        deadline: deadline.map(|deadline| deadline.map(|at| at.to_string())),
        offer_days: offer_days.map(Whole),
        ..texts
    };
    form.parsed(GroupBuyChange::try_from(body))
}

/// Adds the errors of the texts to those of the other fields.
fn check_texts(form: &mut FormState) {
    let mut errors = FieldErrors::new();
    GroupBuy::check_texts(&mut errors, form.get("title").trim(), form.get("description"));
    form.add(errors);
}

impl Typed {
    /// Reads all fields, and adds what is wrong with each.
    fn read(t: Texts, form: &mut FormState) -> Self {
        let number = |text: &str| {
            let error = || t.get("console-group-buys-error-number");
            digits::whole(text).map_err(|_| error())
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
        let (most, days) = (max_quantity.flatten(), offer_days.flatten());
        GroupBuy::check_numbers(&mut errors, target_quantity, most, days);
        form.add(errors);
        Self { target_quantity, max_quantity, deadline, offer_days }
    }

    /// Returns the terms; `None` if any could not be read.
    fn whole(self) -> Option<Terms> {
        Some(Terms {
            target_quantity: self.target_quantity?,
            max_quantity: self.max_quantity?,
            deadline: self.deadline?,
            offer_days: self.offer_days?,
        })
    }
}

/// Reads what a field for times contains, as a time in UTC. The last or first of all instants stands for a time that is beyond it,
/// such as one on the last day of the year 9999.
fn instant(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.trim().parse().ok()?;
    let beyond = if civil.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
    Some(civil.to_zoned(TimeZone::UTC).map_or(beyond, |zoned| zoned.timestamp()))
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
        assert_eq!(instant("9999-12-31T23:59"), Some(Timestamp::MAX));
        for bad in ["", "tomorrow", "2026-13-01T00:00", "18:00", "2026-12-03T18:00Z"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
