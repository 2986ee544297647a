//! Input for group buys. A body or a form is read into these texts and numbers, which are parsed here only.

use serde::Deserialize;
use tollgate_domain::{
    Timestamp,
    clock::DAY_SECONDS,
    group_buys::{GroupBuy, GroupBuyChange, NewGroupBuy},
    money::Money,
};

use crate::{
    dto::{MoneyBody, Whole},
    extract::{Object, nullable},
    openapi::schemas,
    problem::FieldErrors,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewGroupBuy)]
pub(crate) struct NewGroupBuyBody {
    #[schema(value_type = schemas::Slug)]
    pub(crate) slug: String,
    #[schema(example = "Together", format = "line", min_length = 1, max_length = 200)]
    pub(crate) title: String,
    /// Plain text that everyone sees.
    #[schema(example = "Cheaper for all of us.", format = "text", max_length = 10000)]
    pub(crate) description: String,
    /// The paid page that is offered.
    #[schema(value_type = schemas::Slug)]
    pub(crate) page_slug: String,
    /// What each visitor pays who buys: in the page's currency, and not above its price.
    #[schema(value_type = schemas::Price)]
    pub(crate) price: Object<MoneyBody>,
    /// The sum of quantities from which on it can be activated.
    #[schema(value_type = i64, example = 100, minimum = 1, maximum = 1_000_000)]
    pub(crate) target_quantity: Whole,
    /// A sum that is never exceeded; at least the target.
    #[schema(value_type = Option<i64>, example = 200, minimum = 1, maximum = 1_000_000)]
    pub(crate) max_quantity: Option<Whole>,
    /// From this instant on nobody joins; in the future, and at most five years ahead.
    #[schema(example = "2030-01-31T12:00:00Z", format = DateTime)]
    pub(crate) deadline: Option<String>,
    /// How long visitors can buy once it is activated; 7 when unset.
    #[schema(value_type = Option<i64>, example = 7, minimum = 1, maximum = 30)]
    pub(crate) offer_days: Option<Whole>,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = GroupBuyChange)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
pub(crate) struct GroupBuyChangeBody {
    #[schema(example = "Together", format = "line", min_length = 1, max_length = 200)]
    pub(crate) title: Option<String>,
    #[schema(example = "Cheaper for all of us.", format = "text", max_length = 10000)]
    pub(crate) description: Option<String>,
    /// As long as it is not activated, like all that follows.
    #[schema(value_type = Option<schemas::Price>)]
    pub(crate) price: Option<Object<MoneyBody>>,
    #[schema(value_type = Option<i64>, example = 100, minimum = 1, maximum = 1_000_000)]
    pub(crate) target_quantity: Option<Whole>,
    /// Null takes the maximum away; it cannot fall below what is wanted already.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>, example = 200, minimum = 1, maximum = 1_000_000)]
    pub(crate) max_quantity: Option<Option<Whole>>,
    /// Null takes the deadline away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "2030-01-31T12:00:00Z", format = DateTime)]
    pub(crate) deadline: Option<Option<String>>,
    #[schema(value_type = Option<i64>, example = 7, minimum = 1, maximum = 30)]
    pub(crate) offer_days: Option<Whole>,
}

/// Reads an instant in the format of RFC 3339.
fn instant(text: &str) -> Result<Timestamp, &'static str> {
    rfc_3339(text).ok_or("must be a time such as 2030-01-31T12:00:00Z")
}

/// Reads a `date-time` of RFC 3339, section 5.6. What it does not allow, such as a time without seconds, is refused though
/// the parser would take it.
fn rfc_3339(text: &str) -> Option<Timestamp> {
    const MOMENT: &str = "0000-00-00T00:00:00";
    let (moment, rest) = text.split_at_checked(MOMENT.len())?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit())?),
        None => ("0", rest),
    };
    let is_offset = ["Z", "+00:00", "-00:00"].iter().any(|shape| has_shape(offset, shape));
    let is_of_a_day = offset.get(1..3).is_none_or(|hours| hours <= "23");
    if !has_shape(moment, MOMENT) || fraction.is_empty() || !is_offset || !is_of_a_day {
        return None;
    }
    // Further digits are allowed, but no instant is stored as exactly.
    let fraction: String = fraction.chars().take(9).collect();
    let spelled = format!("{moment}.{fraction}{offset}").to_ascii_uppercase();
    let instant: Timestamp = spelled.parse().ok().or_else(|| beyond(&spelled))?;
    // A leap second is read as the one before it; it can only be the last one of a day.
    let is_last = instant.as_second().rem_euclid(DAY_SECONDS) == DAY_SECONDS - 1;
    (is_last || !moment.ends_with(":60")).then_some(instant)
}

/// Returns the last instant for a time of the last days of the year 9999, which may be beyond it: that is well written, and too far
/// ahead.
fn beyond(spelled: &str) -> Option<Timestamp> {
    let a_year_before = format!("9998{}", spelled.strip_prefix("9999")?);
    a_year_before.parse::<Timestamp>().ok().map(|_| Timestamp::MAX)
}

/// Returns whether a text has digits where `shape` has zeros, and is otherwise the same in upper or lower case.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, like): (u8, u8)| match like {
        b'0' => byte.is_ascii_digit(),
        like => byte.eq_ignore_ascii_case(&like),
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

impl NewGroupBuyBody {
    /// Parses the body at `now`. All is checked that does not depend on what is stored.
    pub(super) fn read_at(self, now: Timestamp) -> Result<NewGroupBuy, FieldErrors> {
        let mut errors = FieldErrors::new();
        let deadline = self.deadline.as_deref().and_then(|text| instant(text).ok());
        errors.found_by(|errors| GroupBuy::check_deadline(errors, deadline, now));
        match NewGroupBuy::try_from(self) {
            Ok(new) => errors.finish().map(|()| new),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }
}

fn check_texts(errors: &mut FieldErrors, title: Option<&str>, description: Option<&str>) {
    // A text that is not given is replaced by one without errors.
    let (title, description) = (title.unwrap_or("-"), description.unwrap_or_default());
    errors.found_by(|errors| GroupBuy::check_texts(errors, title, description));
}

fn check_numbers(
    errors: &mut FieldErrors,
    target: Option<Whole>,
    most: Option<Whole>,
    days: Option<Whole>,
) {
    let [target, most, days] = [target, most, days].map(|it| it.map(|Whole(number)| number));
    errors.found_by(|errors| GroupBuy::check_numbers(errors, target, most, days));
}

fn check_price(errors: &mut FieldErrors, price: Option<Money>) {
    if let Some(price) = price {
        errors.check("price", Money::price(price.amount, price.currency));
    }
}

impl TryFrom<NewGroupBuyBody> for NewGroupBuy {
    type Error = FieldErrors;

    fn try_from(new: NewGroupBuyBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", new.slug.parse());
        let page_slug = errors.check("pageSlug", new.page_slug.parse());
        let price = errors.check("price", new.price.0.read());
        check_price(&mut errors, price);
        let deadline = errors.check("deadline", new.deadline.as_deref().map(instant).transpose());
        check_texts(&mut errors, Some(&new.title), Some(&new.description));
        let (most, days) = (new.max_quantity, new.offer_days);
        check_numbers(&mut errors, Some(new.target_quantity), most, days);
        let (Some(slug), Some(page_slug), Some(price), Some(deadline)) =
            (slug, page_slug, price, deadline)
        else {
            return Err(errors);
        };
        errors.finish()?;
        Ok(Self {
            slug,
            title: new.title,
            description: new.description,
            page_slug,
            price,
            target_quantity: new.target_quantity.0,
            max_quantity: new.max_quantity.map(|Whole(most)| most),
            deadline,
            offer_days: new.offer_days.map(|Whole(days)| days),
        })
    }
}

impl TryFrom<GroupBuyChangeBody> for GroupBuyChange {
    type Error = FieldErrors;

    fn try_from(change: GroupBuyChangeBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let price = change.price.map(|Object(price)| price.read()).transpose();
        let price = errors.check("price", price);
        check_price(&mut errors, price.flatten());
        check_texts(&mut errors, change.title.as_deref(), change.description.as_deref());
        let (most, days) = (change.max_quantity.flatten(), change.offer_days);
        check_numbers(&mut errors, change.target_quantity, most, days);
        let deadline = change.deadline.map(|text| text.as_deref().map(instant).transpose());
        let deadline = errors.check("deadline", deadline.transpose());
        let (Some(price), Some(deadline)) = (price, deadline) else {
            return Err(errors);
        };
        errors.finish()?;
        Ok(Self {
            title: change.title,
            description: change.description,
            price,
            target_quantity: change.target_quantity.map(|Whole(target)| target),
            max_quantity: change.max_quantity.map(|most| most.map(|Whole(most)| most)),
            deadline,
            offer_days: change.offer_days.map(|Whole(days)| days),
        })
    }
}

#[cfg(test)]
mod tests {
    use tollgate_domain::validation::FieldError;

    use super::*;

    #[test]
    fn every_spelling_of_rfc_3339_is_read() {
        for (text, expected) in [
            ("2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z"),
            ("2030-01-31t12:00:00z", "2030-01-31T12:00:00Z"),
            ("2030-01-31T12:00:00+01:30", "2030-01-31T10:30:00Z"),
            ("2030-01-31T23:30:00-23:59", "2030-02-01T23:29:00Z"),
            ("2030-01-31T12:00:00-00:00", "2030-01-31T12:00:00Z"),
            ("2030-01-31T12:00:00.5Z", "2030-01-31T12:00:00.5Z"),
            ("2030-01-31T12:00:00.123456789999999Z", "2030-01-31T12:00:00.123456789Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2016-12-31t15:59:60.25-08:00", "2016-12-31T23:59:59.25Z"),
        ] {
            assert_eq!(instant(text).map(|at| at.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn time_beyond_the_last_instant_is_too_far_ahead_and_not_malformed() {
        for text in ["9999-12-31T23:59:59Z", "9999-12-31t12:00:00.5-23:59", "9999-12-31T00:00:00z"]
        {
            assert_eq!(instant(text), Ok(Timestamp::MAX), "{text}");
        }
        let now = "2026-01-31T12:00:00Z".parse().unwrap();
        let mut errors = FieldErrors::new();
        errors.found_by(|errors| {
            GroupBuy::check_deadline(errors, instant("9999-12-31T23:59:59Z").ok(), now);
        });
        assert_eq!(errors.fields().get("deadline"), Some(&FieldError::TooFarAhead(5)));
    }

    #[test]
    fn other_spellings_of_times_are_refused() {
        for text in [
            "",
            "tomorrow",
            "2030-01-31",
            "2030-01-31T12:00:00",
            "2030-01-31 12:00:00Z",
            "2030-01-31_12:00:00Z",
            "2030-01-31T12:00Z",
            "2030-01-31T12Z",
            "20300131T120000Z",
            "2030-1-31T12:00:00Z",
            "2030-01-31T12:00:00.Z",
            "2030-01-31T12:00:00.5",
            "2030-01-31T12:00:00,5Z",
            "2030-01-31T12:00:00+0100",
            "2030-01-31T12:00:00+01",
            "2030-01-31T12:00:00+24:00",
            "2030-01-31T12:00:00+01:60",
            "2030-01-31T12:00:00 Z",
            "2030-01-31T12:00:00Z ",
            "2030-01-31T12:00:00Z[UTC]",
            "+002030-01-31T12:00:00Z",
            "2030-02-30T12:00:00Z",
            "2030-01-31T24:00:00Z",
            "2030-01-31T12:00:60Z",
            "2030-01-31T12:00:61Z",
            "9999-12-31T23:59:60Z",
            "9999-12-32T00:00:00Z",
            "9999-12-31T23:59:59+01:60",
            "2030\u{2d}01-31T12:00:0\u{663}Z",
        ] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
