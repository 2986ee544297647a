//! Input for group buys. A body or a form is read into these texts and numbers, which are parsed here only.

use serde::Deserialize;
use tollgate_domain::{
    Timestamp,
    group_buys::{GroupBuyChange, NewGroupBuy},
    validation::FieldErrors,
};

use crate::{
    dto::MoneyBody,
    extract::{Object, Whole, nullable},
    openapi::schemas,
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
    /// From this instant on nobody joins; in the future.
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
    let text = text.to_ascii_uppercase();
    let plain = text.contains('T') && !text.contains('[');
    let parsed = plain.then(|| text.parse().ok()).flatten();
    parsed.ok_or("must be a time such as 2030-01-31T12:00:00Z")
}

impl TryFrom<NewGroupBuyBody> for NewGroupBuy {
    type Error = FieldErrors;

    fn try_from(new: NewGroupBuyBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", new.slug.parse());
        let page_slug = errors.check("pageSlug", new.page_slug.parse());
        let price = errors.check("price", new.price.0.read());
        let deadline = errors.check("deadline", new.deadline.as_deref().map(instant).transpose());
        let (Some(slug), Some(page_slug), Some(price), Some(deadline)) =
            (slug, page_slug, price, deadline)
        else {
            return Err(errors);
        };
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
        let deadline = change.deadline.map(|text| text.as_deref().map(instant).transpose());
        let deadline = errors.check("deadline", deadline.transpose());
        let (Some(price), Some(deadline)) = (price, deadline) else {
            return Err(errors);
        };
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
